package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.Frames;
import dev.outboard.guest.MultiQueueGuest;
import dev.outboard.guest.VirtioNet;
import dev.outboard.testkit.loopback.LoopbackProvider;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/**
 * Guests that two workers serve are swapped to ports of their own and put back while both their
 * queues carry frames: gathered on one worker, spread again, and each frame arrives once.
 */
class SpreadGuestSwapTest {
  private static final int SWAPS = 4;
  private static final int FIRST_PORT = 10_000;

  /** Fewer than any queue on the way holds. */
  private static final int WINDOW = 12;

  private static final long PATIENCE_NANOS = 10_000_000_000L;

  /** Sends by both queues of guest 1 and takes what comes by both of guest 2. */
  private static final class Load implements Runnable {
    final MultiQueueGuest from;
    final MultiQueueGuest to;
    final int[] sent = new int[2];
    final BitSet[] came = {new BitSet(), new BitSet()};
    int twice;
    volatile boolean stopping;
    volatile Throwable failure;

    Load(MultiQueueGuest from, MultiQueueGuest to) {
      this.from = from;
      this.to = to;
    }

    @Override
    public void run() {
      try {
        long deadline = 0;
        while (deadline == 0 || (underWay() > 0 && System.nanoTime() < deadline)) {
          if (stopping && deadline == 0) {
            deadline = System.nanoTime() + PATIENCE_NANOS;
          }
          turn(deadline == 0);
          LockSupport.parkNanos(10_000);
        }
      } catch (RuntimeException | Error e) {
        failure = e;
      }
    }

    private int underWay() {
      return sent[0] + sent[1] - came[0].cardinality() - came[1].cardinality();
    }

    private void turn(boolean sending) {
      for (int pair = 0; pair < 2; pair++) {
        if (sending
            && sent[pair] - came[pair].cardinality() < WINDOW
            && from.send(pair, frame(pair, sent[pair]))) {
          sent[pair]++;
        }
        for (byte[] bytes = to.receive(pair); bytes != null; bytes = to.receive(pair)) {
          ByteBuffer frame = ByteBuffer.wrap(bytes);
          int flow = frame.getShort(VirtioNet.HEADER_SIZE + 34) - FIRST_PORT;
          int number = frame.getInt(VirtioNet.HEADER_SIZE + 38);
          twice += came[flow].get(number) ? 1 : 0;
          came[flow].set(number);
        }
      }
    }

    private static byte[] frame(int pair, int number) {
      byte[] source = TestHost.endpoint(1).address().getAddress();
      byte[] target = TestHost.endpoint(2).address().getAddress();
      byte[] segment = Frames.tcp(source, target, FIRST_PORT + pair, 80, number, new byte[64]);
      return Frames.ethernet(
          TestHost.endpoint(2).mac(),
          TestHost.endpoint(1).mac(),
          Frames.TYPE_IPV4,
          Frames.ipv4Packet(source, target, 6, segment));
    }
  }

  @Test
  void eachFrameArrivesOnceWhileGuestsAreGatheredAndSpread() throws Exception {
    try (TestHost host = new TestHost(new EngineSettings(2, List.of(), 50, 5_000_000, 16))) {
      host.engine.openUplink(
          "lan", LoopbackProvider.perGuest(false), Map.of("endpoint", "lan", "mtu", "1500"));
      host.engine.attach(host.spec(1, Frontend.QEMU, 2));
      host.engine.attach(host.spec(2, Frontend.QEMU, 2));
      try (MultiQueueGuest one = TwoQueueTraffic.boot(host, 1);
          MultiQueueGuest two = TwoQueueTraffic.boot(host, 2)) {
        Load load = new Load(one, two);
        Thread thread = Thread.ofPlatform().start(load);
        for (int i = 0; i < SWAPS; i++) {
          swapToLan(host);
          assertEquals(1, host.status("g1").workers().size());
          assertEquals(1, host.status("g2").workers().size());
          host.engine.abortSwap("s");
          assertEquals(2, host.status("g1").workers().size());
          assertEquals(2, host.status("g2").workers().size());
        }
        load.stopping = true;
        TestHost.join(thread);
        assertNull(load.failure);
        assertEquals(0, load.twice, "came twice");
        for (int pair = 0; pair < 2; pair++) {
          assertTrue(load.sent[pair] > SWAPS * WINDOW, "sent " + load.sent[pair]);
          assertEquals(load.sent[pair], load.came[pair].cardinality(), "came by queue " + pair);
        }
        assertEquals(Map.of(), host.drops(1));
      }
    }
  }

  private static void swapToLan(TestHost host) throws EngineException {
    host.engine.prepareSwap(
        "s",
        new SwapSpec(
            new SwapScope.All(), Optional.of("lan"), Optional.of(false), Optional.empty()));
    host.engine.commitSwap("s", List.of());
  }
}
