package dev.outboard.testkit;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;

/**
 * Whether the way of a frame allocates. Both ports have one worker, which carries bursts round by
 * round until a whole round has allocated not a byte: before the compiler has done its work, calls
 * of native functions allocate a little.
 */
final class SteadyState {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int BURST = 16;
  private static final int BURSTS = 200;
  private static final int FEWEST_ROUNDS = 10;
  private static final int TOKENS = 64;

  private final Pair pair;
  private final long[] tokens = new long[TOKENS];
  private int held;

  private SteadyState(Pair pair) {
    this.pair = pair;
  }

  static void check(Bench bench) throws Exception {
    Pair pair = bench.pairOnOneWorker();
    List<Sent> frames = pair.frames(0, BURST);
    long bytes =
        pair.left()
            .worker()
            .run(
                () -> {
                  pair.left().fill(frames, Bench.NETWORK, pair.route().hop());
                  return new SteadyState(pair).leastAllocated();
                });
    Check.that(
        bytes == 0, () -> "%d bytes for %d frames, at the least".formatted(bytes, BURST * BURSTS));
  }

  private long leastAllocated() {
    long deadline = System.nanoTime() + 2 * pair.patience();
    long thread = Thread.currentThread().threadId();
    long least = Long.MAX_VALUE;
    for (int round = 0; least > 0; round++) {
      if (round > FEWEST_ROUNDS && System.nanoTime() > deadline) {
        break;
      }
      long before = THREADS.getThreadAllocatedBytes(thread);
      for (int burst = 0; burst < BURSTS; burst++) {
        carry(deadline);
      }
      least = Math.min(least, THREADS.getThreadAllocatedBytes(thread) - before);
    }
    return least;
  }

  private void carry(long deadline) {
    End left = pair.left();
    End right = pair.right();
    int sent = 0;
    int received = 0;
    boolean late = false;
    while (received < BURST || held > 0) {
      if (sent < BURST && held == 0) {
        sent += left.port.transmit(left.out.burst, sent, BURST - sent);
        held += left.out.burst.takeHolds();
        left.port.flush();
      }
      if (held > 0) {
        held -= left.port.reclaim(tokens, TOKENS);
      }
      int count = right.in.receive(BURST);
      received += count;
      if (count > 0) {
        right.in.release();
      } else if (right.in.arm() && sent == BURST) {
        late = late || System.nanoTime() > deadline;
        if (late && System.nanoTime() > deadline + pair.patience()) {
          throw new AssertionError("frames were lost: %d of %d".formatted(BURST - received, BURST));
        }
      }
    }
  }
}
