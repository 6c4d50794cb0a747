package dev.outboard.guest;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How long a cache line takes from one CPU to another and back. On shared machines this changes
 * within seconds, and every figure of two threads with it, so it is measured beside each round.
 * Called by any thread.
 */
public final class Cores {
  private static final int BATCH = 1000;

  private Cores() {}

  /** The median round trip in nanoseconds between two CPUs, measured for a time. */
  public static double roundTripNanos(int first, int second, double seconds) {
    AtomicLong line = new AtomicLong();
    GuestPair.pin(first);
    GuestPair.Side side = new GuestPair.Side("cores", second, s -> answer(s, line));
    double[] samples = new double[1];
    int count = 0;
    long turn = 0;
    long end = System.nanoTime() + (long) (seconds * 1e9);
    long start = System.nanoTime();
    while (start < end && !side.hasFailed()) {
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
    return sorted[count / 2];
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
