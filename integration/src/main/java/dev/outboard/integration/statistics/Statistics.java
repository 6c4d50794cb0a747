package dev.outboard.integration.statistics;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** Medians, and how sure they are. Pure functions; any thread. */
public final class Statistics {
  private static final int RESAMPLES = 2000;
  private static final double LOW = 0.025;
  private static final double HIGH = 0.975;

  private Statistics() {}

  /**
   * A median and the bounds of its 95 % bootstrap interval.
   *
   * @param count values that it stands on
   */
  public record Interval(double median, double low, double high, int count) {}

  /** The middle value, or the mean of the two in the middle; 0 if there is none. */
  public static double median(List<Double> values) {
    return median(values.stream().mapToDouble(Double::doubleValue).toArray());
  }

  /** The same of an array, which stays as it is. */
  public static double median(double[] values) {
    if (values.length == 0) {
      return 0;
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  /** The median of at least one value; the bounds by drawing from the values again and again. */
  public static Interval bootstrap(List<Double> values, RandomGenerator random) {
    return bootstrap(values.stream().mapToDouble(Double::doubleValue).toArray(), random);
  }

  /** As {@link #bootstrap(List, RandomGenerator)}. */
  public static Interval bootstrap(double[] sample, RandomGenerator random) {
    double[] medians = new double[RESAMPLES];
    double[] drawn = new double[sample.length];
    for (int i = 0; i < RESAMPLES; i++) {
      for (int k = 0; k < drawn.length; k++) {
        drawn[k] = sample[random.nextInt(sample.length)];
      }
      medians[i] = median(drawn);
    }
    Arrays.sort(medians);
    return new Interval(
        median(sample),
        medians[(int) (LOW * RESAMPLES)],
        medians[(int) (HIGH * RESAMPLES) - 1],
        sample.length);
  }
}
