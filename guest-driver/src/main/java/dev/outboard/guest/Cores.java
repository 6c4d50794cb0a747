package dev.outboard.guest;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How long a cache line takes from one CPU to another and back. On shared machines this changes
 * within seconds, and every figure of two threads with it, so it is measured beside each round.
 * Called by any thread.
 */
public final class Cores {
  private static final int BATCH = 200;
  private static final int LEAST = 16;
  private static final int QUARTER = 4;

  /** So much longer it may take if other work leaves no batch in peace. */
  private static final int PATIENCE = 10;

  private Cores() {}

  /**
   * The round trip in nanoseconds between two CPUs, measured for a time in short batches: the lower
   * quartile, because a batch that other work has interrupted says nothing of the caches.
   */
  public static double roundTripNanos(int first, int second, double seconds) {
    AtomicLong line = new AtomicLong();
    GuestPair.pin(first);
    GuestPair.Side side = new GuestPair.Side("cores", second, s -> answer(s, line));
    double[] samples = new double[LEAST];
    int count = 0;
    long turn = 0;
    long nanos = (long) (seconds * 1e9);
    long begin = System.nanoTime();
    long start = begin;
    while (!side.hasFailed()
        && (start - begin < nanos || (count < LEAST && start - begin < PATIENCE * nanos))) {
      for (int i = 0; i < BATCH; i++) {
        line.setRelease(++turn);
        while (line.getAcquire() != -turn && !side.hasFailed()) {
          Thread.onSpinWait();
        }
      }
      long now = System.nanoTime();
      if (count == samples.length) {
        samples = Arrays.copyOf(samples, 2 * count);
      }
      samples[count++] = (double) (now - start) / BATCH;
      start = now;
    }
    side.join();
    double[] sorted = Arrays.copyOf(samples, count);
    Arrays.sort(sorted);
    return sorted[count / QUARTER];
  }

  private static void answer(GuestPair.Side side, AtomicLong line) {
    while (!side.isStopped()) {
      long turn = line.getAcquire();
      if (turn > 0) {
        line.setRelease(-turn);
      } else {
        Thread.onSpinWait();
      }
    }
  }
}
