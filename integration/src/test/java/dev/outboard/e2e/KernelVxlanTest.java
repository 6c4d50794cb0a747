package dev.outboard.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.lab.GuestConfig;
import dev.outboard.lab.JoinedNamespaces;
import dev.outboard.lab.KernelStation;
import dev.outboard.lab.Lab;
import dev.outboard.lab.LinuxGuest;
import dev.outboard.lab.Namespace;
import dev.outboard.lab.QemuGuest;
import dev.outboard.lab.UmlGuest;
import dev.outboard.testing.LongTier;
import dev.outboard.testing.SideBySide;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A real guest behind the sidecar, and on the other host a peer that nobody here wrote: the Linux
 * kernel's own vxlan device. It can't tell whether the kernel or DPDK carries what we send.
 */
@Timeout(240)
@SideBySide
final class KernelVxlanTest {
  private static final int NETWORK = 0x5a5a5a;
  private static final int LONG_PING = 4000;
  private static final GuestConfig GUEST = GuestConfig.of(1);
  private static final GuestConfig PEER = GuestConfig.of(2);

  @TempDir private Path directory;
  private final List<AutoCloseable> open = new ArrayList<>();

  @BeforeAll
  static void needsGuests() {
    Lab.require();
  }

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
    open.clear();
  }

  /**
   * The rows: a wire with room for the envelope; one without, where the guests' frames are smaller;
   * and one where the envelopes themselves travel in fragments, because both sides insist.
   */
  @ParameterizedTest(name = "{0}, {1}, IPv{2} outside, wire {3}, guests {4}")
  @CsvSource({
    "iouring,   uml,  6, 1500, 1430",
    "iouring,   uml,  4, 1500, 1500",
    "iouring,   qemu, 4, 1600, 1500",
    "af_xdp,    uml,  4, 1600, 1500",
    "af_packet, uml,  6, 1500, 1430"
  })
  void understandsItAndIsUnderstood(String way, String kind, int version, int wire, int mtu)
      throws Exception {
    JoinedNamespaces hosts = opened(JoinedNamespaces.create(wire));
    boolean byDpdk = !way.equals("iouring");
    if (byDpdk) {
      Lab.requireDpdk();
      hosts.silence(0);
    }
    String near = version == 4 ? hosts.address(0) : hosts.address6(0);
    String far = version == 4 ? hosts.address(1) : hosts.address6(1);
    String uplink = byDpdk ? dpdk(way, near, wire) : iouring(near, mtu);
    Namespace host = hosts.host(0);
    Sidecar sidecar = opened(new Sidecar(directory, host, configuration(uplink, far, mtu)));
    KernelStation peer =
        opened(
            KernelStation.vxlan(
                hosts.host(1), NETWORK, far, near, PEER.withMtu(mtu), TwoHostTraffic.SERVE));
    LinuxGuest guest = boot(kind, sidecar, mtu);
    if (byDpdk) {
      String[] ping = {"busybox", "ping", "-c", "3", "-i", "0.2", "-W", "9", "-s", "1000", near};
      String said = hosts.host(1).run(ping);
      assertTrue(said.contains("3 packets received"), said);
    }
    TwoHostTraffic traffic = new TwoHostTraffic(guest, PEER.address(), PEER.address6());
    traffic.ping();
    for (String address : List.of(GUEST.address(), GUEST.address6())) {
      peer.ping(address, 56);
      peer.ping(address, LONG_PING);
    }
    System.out.printf(
        "kernel vxlan and %s over %s, IPv%d outside, wire %d, guests %d: %s; %s%n",
        kind, way, version, wire, mtu, traffic.tcp(), traffic.udp());
    assertEquals("", sidecar.stats().at("/uplinks/0/failure").asText());
  }

  @LongTier("kernel-vxlan")
  void understandsItAndIsUnderstoodInAllOtherWays() throws Exception {
    understandsItAndIsUnderstood("iouring", "uml", 4, 1600, 1500);
    closeAll();
    understandsItAndIsUnderstood("iouring", "uml", 6, 1600, 1500);
    closeAll();
    understandsItAndIsUnderstood("iouring", "uml", 4, 1500, 1450);
    closeAll();
    understandsItAndIsUnderstood("af_xdp", "uml", 6, 1600, 1500);
    closeAll();
    understandsItAndIsUnderstood("af_packet", "uml", 4, 1500, 1450);
  }

  private static String iouring(String near, int mtu) {
    return "{transport: iouring, address: '%s', mtu: %d}".formatted(near, mtu);
  }

  /** Nobody but the sidecar has the address then: it answers for it, and pings. */
  private static String dpdk(String driver, String near, int wire) {
    return "{transport: dpdk, device: 'net_%s0,iface=%s', address: '%s/%d', mtu: %d}"
        .formatted(driver, JoinedNamespaces.LINK, near, near.contains(":") ? 64 : 24, wire);
  }

  private static String configuration(String uplink, String far, int mtu) {
    return """
        networks: [{id: %d, mtu: %d}]
        uplinks: {wan: %s}
        remotes:
          - id: far
            network: %d
            mac: %s
            addresses: ['%s', '%s']
            uplink: wan
            endpoint: '%s'
        """
        .formatted(NETWORK, mtu, uplink, NETWORK, PEER.mac(), PEER.address(), PEER.address6(), far);
  }

  private LinuxGuest boot(String kind, Sidecar sidecar, int mtu) throws Exception {
    Path socket =
        sidecar.attach(
            GUEST.name(),
            "--network",
            NETWORK + "",
            "--mac",
            GUEST.mac(),
            "--frontend",
            kind,
            "--ip",
            GUEST.address(),
            "--ip",
            GUEST.address6());
    QemuGuest.Extra extra = QemuGuest.Extra.device("host_mtu=" + mtu);
    LinuxGuest guest =
        opened(
            kind.equals("uml")
                ? UmlGuest.vhostUser(GUEST, socket)
                : QemuGuest.vhostUser(GUEST, socket, extra));
    guest.awaitReady();
    return guest;
  }

  private <T extends AutoCloseable> T opened(T resource) {
    open.add(resource);
    return resource;
  }
}
