package dev.outboard.transport.kerneltcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Order, backpressure and peers that come back, between two sidecars in one thread, without TLS and
 * with it.
 */
@ParameterizedClass(name = "TLS: {0}")
@ValueSource(booleans = {false, true})
class FlowTest {
  private static final int PORT = 27_440;

  @Parameter private boolean tls;

  private Sidecar sidecar(int port, String... changed) throws Exception {
    // A machine may be busy, and TLS is slow in a young process.
    String[] all = Arrays.copyOf(changed, changed.length + 2);
    all[changed.length] = "handshake-ms";
    all[changed.length + 1] = "20000";
    return tls ? Sidecar.withTls(port, all) : new Sidecar(port, all);
  }

  @Test
  void flowsKeepTheirOrderOverSeveralConnections() throws Exception {
    try (Sidecar one = sidecar(PORT, "connections", "5");
        Sidecar two = sidecar(PORT + 1)) {
      two.peer(PORT);
      int hop = one.peer(PORT + 1).number();
      Map<Integer, Integer> last = new HashMap<>();
      int got = 0;
      for (int number = 0; number < 20_000; number += 32) {
        for (int i = 0; i < 32; i++) {
          one.add(hop, (number + i) % 23, number + i, 60 + (number + i) * 31 % 3000);
        }
        assertEquals(32, sendAll(one));
        got += check(two, last);
      }
      long deadline = System.nanoTime() + 20_000_000_000L;
      while (got < 20_000) {
        assertTrue(System.nanoTime() < deadline, one.counts().toString());
        idle(one);
        got += check(two, last);
      }
      assertEquals(20_000, got);
      assertEquals(Map.of(), one.counts());
    }
  }

  /** A turn of a worker that has nothing to send: what waits may leave. */
  private static void idle(Sidecar sidecar) {
    assertEquals(0, sidecar.receive());
    sidecar.port.release(sidecar.received);
    sidecar.port.arm();
  }

  private static int sendAll(Sidecar one) {
    int done = 0;
    while (done < one.sent.count()) {
      done += one.port.transmit(one.sent, done, one.sent.count() - done);
      one.port.arm();
    }
    one.sent.clear();
    return done;
  }

  private static int check(Sidecar two, Map<Integer, Integer> last) {
    int count = two.receive();
    for (int i = 0; i < count; i++) {
      int number = two.number(i, 0);
      Integer before = last.put(two.number(i, 1), number);
      assertTrue(before == null || before < number, () -> number + " came behind " + before);
    }
    two.port.release(two.received);
    two.port.arm();
    return count;
  }

  @Test
  void aFullConnectionHoldsUpItsOwnFramesOnly() throws Exception {
    try (Sidecar one =
            sidecar(PORT, "connections", "1", "buffer-bytes", "262144", "stall-ms", "60000");
        Sidecar deaf = sidecar(PORT + 1);
        Sidecar two = sidecar(PORT + 2)) {
      deaf.peer(PORT);
      two.peer(PORT);
      int full = one.peer(PORT + 1).number();
      int free = one.peer(PORT + 2).number();
      long deadline = System.nanoTime() + 20_000_000_000L;
      int number = 0;
      long refusals = 0;
      while (one.count("socket-full") == 0) {
        assertTrue(System.nanoTime() < deadline, one.counts().toString());
        one.add(full, 1, number++, 60_000);
        refusals += 1 - one.send();
      }
      assertTrue(refusals > 0, "it was dropped and never refused");
      int got = 0;
      for (int i = 0; i < 1000; i++) {
        one.add(full, 1, i, 1000);
        one.add(free, 1, i, 1000);
        assertEquals(2, sendAll(one));
        got += inOrder(two, got);
      }
      while (got < 1000) {
        assertTrue(
            System.nanoTime() < deadline, got + " frames arrived; " + one.counts() + two.counts());
        idle(one);
        got += inOrder(two, got);
      }
      // When the deaf one listens, it gets all that was accepted and not counted as dropped.
      long expected = number + 1000L - one.count("socket-full") - refusals;
      long[] late = new long[1];
      one.receiveUntil(
          () -> {
            late[0] += deaf.receive();
            deaf.port.release(deaf.received);
            return late[0] >= expected;
          });
      assertEquals(expected, late[0]);
    }
  }

  /** Receives frames that must have the numbers from {@code first} on; how many. */
  private static int inOrder(Sidecar by, int first) {
    int count = by.receive();
    for (int i = 0; i < count; i++) {
      assertEquals(first + i, by.number(i, 0));
    }
    by.port.release(by.received);
    by.port.arm();
    return count;
  }

  @Test
  void aPeerThatRestartsUnderLoadCostsWhatWasInFlightAndAllIsCounted() throws Exception {
    try (Sidecar one = sidecar(PORT)) {
      int hop = one.peer(PORT + 1).number();
      long deadline = System.nanoTime() + 60_000_000_000L;
      long accepted = 0;
      long arrived = 0;
      for (int life = 0; life < 4; life++) {
        try (Sidecar two = sidecar(PORT + 1)) {
          two.peer(PORT);
          long enough = arrived + 2000;
          while (arrived < enough) {
            assertTrue(System.nanoTime() < deadline, () -> one.counts() + " and " + two.counts());
            for (int i = 0; i < 16; i++) {
              one.add(hop, i, i, 200);
            }
            accepted += one.send();
            one.receive();
            arrived += two.receive();
            two.port.release(two.received);
            two.port.arm();
          }
        }
        one.add(hop, 1, 1, 100);
        accepted += one.send();
      }
      one.receiveUntil(() -> one.count("connections-cut-broken") >= 4);
      long lost = one.count("lost-in-flight") + one.count("unreachable") + one.count("socket-full");
      long missing = accepted - arrived;
      assertTrue(
          lost >= missing,
          "accepted %d, arrived %d, %s".formatted(accepted, arrived, one.counts()));
    }
  }
}
