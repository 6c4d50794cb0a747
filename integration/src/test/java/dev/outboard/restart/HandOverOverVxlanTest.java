package dev.outboard.restart;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.outboard.guest.Frames;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.vhost.VhostUserFrontend;
import dev.outboard.lab.Namespace;
import dev.outboard.linux.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A new daemon takes over from one with a VXLAN uplink, whose UDP port it shares until the other
 * has ended; and one is killed and started again. In both cases frames flow both ways again.
 */
final class HandOverOverVxlanTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final long WAIT_NANOS = 20_000_000;
  private static final int VIRTIO_HEADER = 12;

  @TempDir private Path folder;
  private Namespace network;
  private int exchanges;

  @BeforeEach
  void makeNetwork() throws IOException {
    assumeTrue(Processes.isRoot(), "a network namespace needs root");
    network = Namespace.create();
    configure(1, 2);
    configure(2, 1);
  }

  @AfterEach
  void removeNetwork() {
    if (network != null) {
      network.close();
    }
  }

  private void configure(int host, int other) throws IOException {
    Files.writeString(
        folder.resolve(host + ".yaml"),
        """
        networks: [{id: 7, mtu: 1400}]
        uplinks: {wan: {transport: iouring, address: 127.0.0.%1$d}}
        remotes:
          - {id: far, network: 7, mac: '%4$s', addresses: [10.0.0.%2$d], uplink: wan,
             endpoint: 127.0.0.%2$d}
        guests:
          - {id: near, network: 7, mac: '%3$s', addresses: [10.0.0.%1$d],
             socket: '%5$s'}
        """
            .formatted(host, other, mac(host), mac(other), socket(host)));
  }

  private static String mac(int number) {
    return "02:00:00:00:00:0" + number;
  }

  private Path socket(int host) {
    return folder.resolve(host + ".sock");
  }

  private DaemonProcess start(int host, String... more) {
    String[] usual = {
      "--config", folder.resolve(host + ".yaml").toString(),
      "--api", folder.resolve("api" + host + ".sock").toString()
    };
    String[] arguments = Arrays.copyOf(usual, usual.length + more.length);
    System.arraycopy(more, 0, arguments, usual.length, more.length);
    return new DaemonProcess(network.enter(DaemonProcess.java()), arguments);
  }

  private VhostUserGuest guest(int host) throws IOException {
    return VhostUserGuest.start(
        "g" + host, GuestOptions.DEFAULT, VhostUserFrontend.connect(socket(host), PATIENCE));
  }

  /** Sends a frame again and again until it arrives; what is under way meanwhile may be lost. */
  private void reaches(VhostUserGuest from, int sender, VhostUserGuest to, int receiver) {
    byte[] body = new byte[64];
    body[0] = (byte) ++exchanges;
    byte[] frame =
        Frames.ethernet(Frames.mac(mac(receiver)), Frames.mac(mac(sender)), Frames.TYPE_TEST, body);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    byte[] got = null;
    while (got == null || got[VIRTIO_HEADER + Frames.ETHERNET_HEADER] != body[0]) {
      assertTrue(System.nanoTime() < deadline, "no frame from " + sender + " to " + receiver);
      from.sendFrame(frame);
      got = to.receiveBytes(WAIT_NANOS);
    }
    assertArrayEquals(frame, Arrays.copyOfRange(got, VIRTIO_HEADER, got.length));
  }

  private void assertBothWays(VhostUserGuest one, VhostUserGuest two) {
    reaches(one, 1, two, 2);
    reaches(two, 2, one, 1);
  }

  @Test
  void framesFlowBothWaysAfterATakeOver() throws Exception {
    DaemonProcess near = start(1);
    try (DaemonProcess far = start(2)) {
      near.awaitReady();
      far.awaitReady();
      try (VhostUserGuest one = guest(1);
          VhostUserGuest two = guest(2)) {
        assertBothWays(one, two);
        for (int times = 0; times < 2; times++) {
          final DaemonProcess old = near;
          near = start(1, "--take-over");
          near.awaitReady();
          assertEquals(0, old.awaitEnd(), old.said());
          assertBothWays(one, two);
        }
      }
    } finally {
      near.close();
    }
  }

  @Test
  void framesFlowBothWaysAfterAKill() throws Exception {
    DaemonProcess near = start(1);
    try (DaemonProcess far = start(2)) {
      near.awaitReady();
      far.awaitReady();
      try (VhostUserGuest one = guest(1);
          VhostUserGuest two = guest(2)) {
        assertBothWays(one, two);
        near.kill();
        near = start(1);
        near.awaitReady();
        one.reconnect(VhostUserFrontend.connect(socket(1), PATIENCE));
        assertBothWays(one, two);
      }
    } finally {
      near.close();
    }
  }
}
