package dev.outboard.transport.iouring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.outboard.linux.Namespaces;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two hosts whose only way to one another is a WireGuard tunnel (wireguard-go). The other host's
 * worker sends each frame back.
 */
class EncryptedUnderlayTest {
  private static final int NETWORK = 3;
  private static final int PORT = 51820;
  private static final String HERE = "10.7.0.1";
  private static final String THERE = "10.7.0.2";
  private static final String OUT_HERE = "198.51.100.1";
  private static final String OUT_THERE = "198.51.100.2";

  @TempDir private Path directory;

  @Test
  void framesPassThroughAWireguardTunnel() throws Exception {
    assumeTrue(Wireguard.isInstalled(), "apt-get install wireguard-go wireguard-tools");
    String name = "ob" + ProcessHandle.current().pid() % 1_000_000;
    Underlay.IPV4.inPrivateNetwork(
        () -> {
          try (OtherNetwork other = OtherNetwork.joined("out0", "in0");
              Wireguard here = Wireguard.start(name + "a", directory)) {
            Commands.run("ip", "address", "add", OUT_HERE + "/24", "dev", "out0");
            Commands.run("ip", "link", "set", "out0", "up");
            OtherHost echo = new OtherHost(other, name + "b");
            FutureTask<Void> task = new FutureTask<>(echo::run, null);
            Thread thread = Thread.ofPlatform().start(task);
            try {
              echo.keyed.await();
              here.connect(HERE, PORT, echo.key, THERE, OUT_THERE + ":" + PORT);
              echo.peerKey = here.publicKey();
              echo.peerKeyed.countDown();
              echo.ready.await();
              exchange();
              assertTrue(here.sent() > 100_000, "encrypted bytes");
            } finally {
              echo.stop.set(true);
              echo.peerKeyed.countDown();
              thread.join();
            }
            task.get();
          }
        });
  }

  private static void exchange() throws Exception {
    try (Host host = Host.open(HERE)) {
      assertEquals(1370, host.transport.capabilities().maxMtu());
      int to = host.peer(NETWORK, THERE);
      int most = 1384;
      for (int length = 60; length <= most; length += 331) {
        for (int round = 0; round < 5; round++) {
          for (int i = 0; i < 32; i++) {
            host.add(to, 0, i, length);
          }
          assertEquals(32, host.send());
          for (int seen = 0; seen < 32; ) {
            int count = host.await();
            for (int i = 0; i < count; i++) {
              assertTrue(Patterns.matches(host.bytes(i), seen++));
            }
            host.release();
          }
        }
      }
      assertEquals(Map.of(), host.counts());
    }
  }

  /** The other host, on a thread in its network. */
  private final class OtherHost {
    final CountDownLatch keyed = new CountDownLatch(1);
    final CountDownLatch peerKeyed = new CountDownLatch(1);
    final CountDownLatch ready = new CountDownLatch(1);
    final AtomicBoolean stop = new AtomicBoolean();
    private final OtherNetwork network;
    private final String device;
    volatile String key = "";
    volatile String peerKey = "";

    OtherHost(OtherNetwork network, String device) {
      this.network = network;
      this.device = device;
    }

    void run() {
      try {
        Namespaces.joinNetwork(network.path());
        Commands.run("ip", "address", "add", OUT_THERE + "/24", "dev", "in0");
        Commands.run("ip", "link", "set", "in0", "up");
        try (Wireguard there = Wireguard.start(device, directory)) {
          key = there.publicKey();
          keyed.countDown();
          peerKeyed.await();
          there.connect(THERE, PORT, peerKey, HERE, OUT_HERE + ":" + PORT);
          try (Host host = Host.open(THERE)) {
            int back = host.peer(NETWORK, HERE);
            ready.countDown();
            while (!stop.get()) {
              int count = host.receive();
              for (int i = 0; i < count; i++) {
                host.received.setRoute(i, back, 0);
              }
              if (host.port.transmit(host.received, 0, count) != count) {
                throw new AssertionError("refused");
              }
              host.release();
            }
          }
        }
      } catch (Exception e) {
        throw new AssertionError(e);
      } finally {
        keyed.countDown();
        ready.countDown();
      }
    }
  }
}
