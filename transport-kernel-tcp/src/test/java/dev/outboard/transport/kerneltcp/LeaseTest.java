package dev.outboard.transport.kerneltcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** Connections are had by those that send, and are the pool's otherwise. */
class LeaseTest {
  private static final int PORT = 27_460;

  private static void send(Sidecar from, Sidecar to, int hop) {
    from.add(hop, 1, 1, 100);
    long[] got = new long[1];
    int taken = 0;
    while (taken == 0) {
      taken = from.port.transmit(from.sent, 0, 1);
      from.port.arm();
    }
    from.sent.clear();
    from.receiveUntil(
        () -> {
          got[0] += to.receive();
          to.port.release(to.received);
          to.port.arm();
          return got[0] == 1;
        });
  }

  @Test
  void anUnusedConnectionGoesBackAndComesAgainWhenAFrameDoes() throws Exception {
    try (Sidecar one = new Sidecar(PORT, "connections", "1", "spare", "0", "idle-ms", "50");
        Sidecar two = new Sidecar(PORT + 1, "idle-ms", "50")) {
      two.peer(PORT);
      int hop = one.peer(PORT + 1).number();
      send(one, two, hop);
      one.receiveUntil(() -> one.count("pool-lent") == 1);
      one.receiveUntil(() -> one.count("pool-lent") == 0);
      assertEquals(1, one.count("pool-idle"), "kept for the next frame");
      long hits = one.count("pool-hits");
      send(one, two, hop);
      one.receiveUntil(() -> one.count("pool-lent") == 1);
      assertEquals(hits + 1, one.count("pool-hits"), "it had to wait for none");
      assertEquals(1, one.count("pool-opened"));
      assertTrue(one.count("pool-size") == 1 && one.count("pool-waiting") == 0);
      assertEquals(Map.of(), one.counts());
    }
  }

  @Test
  void whatAClosedPeersPoolHasCountedStaysCounted() throws Exception {
    try (Sidecar one = new Sidecar(PORT, "connections", "2", "spare", "0");
        Sidecar two = new Sidecar(PORT + 1)) {
      two.peer(PORT);
      var hop = one.peer(PORT + 1);
      send(one, two, hop.number());
      long opened = one.count("pool-opened");
      assertTrue(opened >= 2, one.count("pool-opened") + " opened");
      hop.close();
      one.receiveUntil(() -> one.count("pool-size") == 0);
      assertEquals(opened, one.count("pool-opened"));
    }
  }
}
