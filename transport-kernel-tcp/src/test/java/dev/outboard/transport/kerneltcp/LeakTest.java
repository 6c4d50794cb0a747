package dev.outboard.transport.kerneltcp;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.testing.LongTier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What was opened is closed. */
class LeakTest {
  private static final int PORT = 27_470;

  @Test
  void connectionsThatComeAndGoLeaveNoDescriptor() throws Exception {
    comeAndGo(200);
  }

  @LongTier("tcp-connections")
  void tenThousandConnectionsLeaveNoDescriptor() throws Exception {
    comeAndGo(10_000);
  }

  @Test
  void peersThatComeAndGoByTlsLeaveNoDescriptor() throws Exception {
    try (Sidecar sidecar = Sidecar.withTls(PORT)) {
      int before = 0;
      for (int i = 0; i < 6; i++) {
        try (Sidecar peer = Sidecar.withTls(PORT + 1)) {
          sidecar.peer(PORT + 1).close();
          peer.peer(PORT);
          sidecar.receiveUntil(() -> peer.count("pool-lent") > 0);
        }
        if (i == 1) {
          sidecar.receiveUntil(() -> sidecar.port.arm());
          before = descriptors();
        }
      }
      int most = before;
      long deadline = System.nanoTime() + 20_000_000_000L;
      sidecar.receiveUntil(() -> descriptors() <= most || System.nanoTime() > deadline);
      assertTrue(descriptors() <= most, descriptors() + " descriptors, before " + most);
    }
  }

  private static void comeAndGo(int connections) throws Exception {
    try (Sidecar sidecar = new Sidecar(PORT, "half-open", "1024")) {
      // The first one opens what the JVM needs for random numbers.
      try (RawPeer peer = new RawPeer(PORT)) {
        peer.shake();
      }
      sidecar.receiveUntil(() -> sidecar.port.arm());
      int before = descriptors();
      for (int i = 0; i < connections; i++) {
        try (RawPeer peer = new RawPeer(PORT)) {
          if (i % 2 == 0) {
            peer.shake().say(RawPeer.frame(60));
          }
        }
        if (i % 16 == 0) {
          sidecar.receive();
          sidecar.port.release(sidecar.received);
        }
      }
      long deadline = System.nanoTime() + 20_000_000_000L;
      sidecar.receiveUntil(() -> descriptors() <= before || System.nanoTime() > deadline);
      assertTrue(descriptors() <= before, descriptors() + " descriptors, before " + before);
    }
  }

  private static int descriptors() {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      return (int) all.count();
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
  }
}
