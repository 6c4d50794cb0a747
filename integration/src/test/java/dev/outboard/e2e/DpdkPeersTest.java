package dev.outboard.e2e;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.Frames;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.vhost.VhostUserFrontend;
import dev.outboard.lab.GuestConfig;
import dev.outboard.lab.JoinedNamespaces;
import dev.outboard.lab.KernelStation;
import dev.outboard.lab.Lab;
import dev.outboard.lab.LinuxGuest;
import dev.outboard.lab.Testpmd;
import dev.outboard.lab.UmlGuest;
import dev.outboard.testing.LongTier;
import dev.outboard.testing.SideBySide;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A guest behind the transport dpdk, and on the other host somebody that nobody here wrote: the
 * kernel's own stack, and DPDK's own tool. The wire is plain Ethernet.
 */
@Timeout(240)
@SideBySide
final class DpdkPeersTest {
  private static final GuestConfig GUEST = GuestConfig.of(1);
  private static final GuestConfig PEER = GuestConfig.of(2);
  private static final int VIRTIO_HEADER = 12;
  private static final int FRAMES = 4_000;

  /** Fewer than any queue on the way holds. */
  private static final int UNDER_WAY = 32;

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir private Path directory;
  private final List<AutoCloseable> open = new ArrayList<>();
  private JoinedNamespaces hosts;

  @BeforeAll
  static void needsGuests() {
    Lab.require();
    Lab.requireDpdk();
  }

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
    open.clear();
  }

  private <T extends AutoCloseable> T opened(T resource) {
    open.add(resource);
    return resource;
  }

  private static String device(String driver) {
    return "net_%s0,iface=%s".formatted(driver, JoinedNamespaces.LINK);
  }

  /** Everybody who is no guest is behind the wire. */
  private Sidecar sidecar(String driver) throws Exception {
    hosts = opened(JoinedNamespaces.create(1600).silent());
    String config =
        """
        networks: [{id: 1, default: {uplink: wire, endpoint: wire, gateway: true}}]
        uplinks: {wire: {transport: dpdk, device: '%s'}}
        """
            .formatted(device(driver));
    return opened(new Sidecar(directory, hosts.host(0), config));
  }

  private LinuxGuest guest(Sidecar sidecar) throws Exception {
    Path socket =
        sidecar.attach(
            GUEST.name(),
            "--mac",
            GUEST.mac(),
            "--frontend",
            "uml",
            "--ip",
            GUEST.address(),
            "--ip",
            GUEST.address6());
    LinuxGuest guest = opened(UmlGuest.vhostUser(GUEST, socket));
    guest.awaitReady();
    return guest;
  }

  @Test
  void theKernelsOwnStackIsReachedByAfXdp() throws Exception {
    Sidecar sidecar = sidecar("af_xdp");
    KernelStation peer =
        opened(KernelStation.plain(hosts.host(1), PEER.withMtu(1500), TwoHostTraffic.SERVE));
    LinuxGuest guest = guest(sidecar);
    TwoHostTraffic traffic = new TwoHostTraffic(guest, PEER.address(), PEER.address6());
    traffic.ping();
    peer.ping(GUEST.address(), 4000);
    peer.ping(GUEST.address6(), 4000);
    System.out.printf("kernel and dpdk, af_xdp: %s; %s%n", traffic.tcp(), traffic.udp());
    assertEquals("", sidecar.stats().at("/uplinks/0/failure").asText());
  }

  /**
   * DPDK's driver has the kernel put IPv4 fragments together before it hands them over, so longer
   * packets than fit a frame stay out of this one: docs/dpdk.md.
   */
  @Test
  void theKernelsOwnStackIsReachedByAfPacket() throws Exception {
    Sidecar sidecar = sidecar("af_packet");
    KernelStation peer =
        opened(KernelStation.plain(hosts.host(1), PEER.withMtu(1500), TwoHostTraffic.SERVE));
    LinuxGuest guest = guest(sidecar);
    for (String to : List.of(PEER.address(), PEER.address6())) {
      guest.run("ping -c 2 -i 0.2 -W 9 -s 1400 " + to);
    }
    peer.ping(GUEST.address(), 1400);
    peer.ping(GUEST.address6(), 4000);
    TwoHostTraffic traffic = new TwoHostTraffic(guest, PEER.address(), PEER.address6());
    System.out.printf("kernel and dpdk, af_packet: %s%n", traffic.tcp());
    assertEquals("", sidecar.stats().at("/uplinks/0/failure").asText());
  }

  @LongTier("dpdk-peers")
  void testpmdIsReachedByAfPacketToo() throws Exception {
    testpmdAnswersAGuestsPings("af_packet");
    closeAll();
    testpmdSendsFramesBackAsTheyWere("af_packet", 50 * FRAMES);
  }

  @Test
  void testpmdAnswersAGuestsPings() throws Exception {
    testpmdAnswersAGuestsPings("af_xdp");
  }

  /** Frames that a tool of DPDK sends back come back once each, whole, and in their order. */
  @Test
  void testpmdSendsFramesBackAsTheyWere() throws Exception {
    testpmdSendsFramesBackAsTheyWere("af_xdp", FRAMES);
  }

  private void testpmdAnswersAGuestsPings(String driver) throws Exception {
    Sidecar sidecar = sidecar(driver);
    opened(Testpmd.onWire(hosts.host(1), device(driver), "icmpecho"));
    LinuxGuest guest = guest(sidecar);
    String said = guest.run("ping -c 20 -i 0.05 -W 9 " + PEER.address());
    assertTrue(said.contains("20 packets received"), said);
  }

  private void testpmdSendsFramesBackAsTheyWere(String driver, int frames) throws Exception {
    Sidecar sidecar = sidecar(driver);
    opened(Testpmd.onWire(hosts.host(1), device(driver), "macswap"));
    Path socket = sidecar.attach(GUEST.name(), "--mac", GUEST.mac());
    try (VhostUserGuest guest =
        VhostUserGuest.start(
            GUEST.name(), GuestOptions.DEFAULT, VhostUserFrontend.connect(socket, PATIENCE))) {
      int sent = 0;
      for (int back = 0; back < frames; back++) {
        while (sent < frames && sent - back < UNDER_WAY) {
          assertTrue(guest.sendFrame(frame(PEER.mac(), GUEST.mac(), sent++)));
        }
        byte[] got = guest.receiveBytes(PATIENCE.toNanos());
        assertTrue(got != null, "frame " + back + " did not come: " + sidecar.stats());
        assertArrayEquals(
            frame(GUEST.mac(), PEER.mac(), back),
            Arrays.copyOfRange(got, VIRTIO_HEADER, got.length),
            "frame " + back);
      }
    }
    assertEquals(frames, sidecar.stats().at("/uplinks/0/received_frames").asLong());
  }

  /** All lengths in turns, from one that has to be padded to the longest. */
  private static byte[] frame(String to, String from, int number) {
    byte[] body = new byte[46 + number * 7 % 1455];
    body[0] = (byte) (number >>> 8);
    body[1] = (byte) number;
    for (int i = 2; i < body.length; i++) {
      body[i] = (byte) (number + i);
    }
    return Frames.ethernet(Frames.mac(to), Frames.mac(from), Frames.TYPE_TEST, body);
  }
}
