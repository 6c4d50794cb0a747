package dev.outboard.bench;

import java.util.Arrays;
import java.util.Random;

/** Order statistics of samples. Any thread. */
final class Quantiles {
  private static final int RESAMPLES = 1000;

  private Quantiles() {}

  /** A ratio and the bounds between which it lies with 95 % confidence. */
  record Ratio(double value, double low, double high) {}

  /** The smallest sample that at least this share of all does not exceed. */
  static long at(long[] samples, double share) {
    long[] sorted = samples.clone();
    Arrays.sort(sorted);
    return ofSorted(sorted, share);
  }

  private static long ofSorted(long[] sorted, double share) {
    return sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
  }

  /** The medians' ratio; the bounds by drawing the samples anew many times. */
  static Ratio medians(long[] above, long[] below) {
    Random random = new Random(1);
    double[] ratios = new double[RESAMPLES];
    for (int i = 0; i < RESAMPLES; i++) {
      ratios[i] = (double) redrawnMedian(above, random) / redrawnMedian(below, random);
    }
    Arrays.sort(ratios);
    return new Ratio(
        (double) at(above, 0.5) / at(below, 0.5),
        ratios[(int) (RESAMPLES * 0.025)],
        ratios[(int) (RESAMPLES * 0.975)]);
  }

  private static long redrawnMedian(long[] samples, Random random) {
    long[] drawn = new long[samples.length];
    for (int i = 0; i < drawn.length; i++) {
      drawn[i] = samples[random.nextInt(samples.length)];
    }
    Arrays.sort(drawn);
    return ofSorted(drawn, 0.5);
  }
}
