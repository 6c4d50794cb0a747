package dev.outboard.integration.statistics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;

/**
 * How large a difference chance alone makes of so many pairs, and how large a true one must be to
 * be found nearly always. Both are worked out from figures of the same arm: neighbouring rounds of
 * one arm differ by noise only. Immutable.
 *
 * @param factor chance stays within this factor in 95 of 100 comparisons
 * @param smallestEffect a true factor of this size is shown in 95 of 100 comparisons; infinite if
 *     none up to {@value #LARGEST_EFFECT} is
 */
public record NoiseFloor(double factor, double smallestEffect) {
  private static final double LARGEST_EFFECT = 16;
  private static final int SEED = 42;
  private static final int FLOOR_DRAWS = 2000;
  private static final int POWER_DRAWS = 200;
  private static final double SURE = 0.95;
  private static final int HALVINGS = 9;

  /**
   * Works it out.
   *
   * @param arms the figures of each arm in the order they were measured
   * @param pairs how many pairs the comparison has
   * @param alpha the p below which a difference counts as shown
   */
  public static NoiseFloor of(List<List<Double>> arms, int pairs, double alpha) {
    double[] noise = noise(arms);
    if (noise.length == 0 || pairs == 0) {
      return new NoiseFloor(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);
    }
    Random random = new Random(SEED);
    double[] medians = new double[FLOOR_DRAWS];
    for (int i = 0; i < FLOOR_DRAWS; i++) {
      medians[i] = Math.abs(Statistics.median(draw(noise, pairs, 0, random)));
    }
    Arrays.sort(medians);
    double floor = medians[(int) (SURE * FLOOR_DRAWS)];
    return new NoiseFloor(Math.exp(floor), smallestEffect(noise, pairs, alpha, random));
  }

  private static double smallestEffect(
      double[] noise, int pairs, double alpha, RandomGenerator random) {
    double high = Math.log(LARGEST_EFFECT);
    if (power(noise, pairs, high, alpha, random) < SURE) {
      return Double.POSITIVE_INFINITY;
    }
    double low = 0;
    for (int halving = 0; halving < HALVINGS; halving++) {
      double middle = (low + high) / 2;
      if (power(noise, pairs, middle, alpha, random) < SURE) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return Math.exp(high);
  }

  private static double power(
      double[] noise, int pairs, double effect, double alpha, RandomGenerator random) {
    int shown = 0;
    for (int i = 0; i < POWER_DRAWS; i++) {
      double[] drawn = draw(noise, pairs, effect, random);
      shown += PermutationTest.paired(drawn, random) < alpha ? 1 : 0;
    }
    return (double) shown / POWER_DRAWS;
  }

  /** Logarithms of ratios of neighbours. */
  private static double[] noise(List<List<Double>> arms) {
    List<Double> noise = new ArrayList<>();
    for (List<Double> figures : arms) {
      for (int i = 1; i < figures.size(); i++) {
        PairedComparison.Pair pair = new PairedComparison.Pair(figures.get(i), figures.get(i - 1));
        if (pair.isUsable()) {
          noise.add(Math.log(pair.first() / pair.second()));
        }
      }
    }
    return noise.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static double[] draw(double[] noise, int pairs, double effect, RandomGenerator random) {
    double[] drawn = new double[pairs];
    for (int i = 0; i < pairs; i++) {
      double one = noise[random.nextInt(noise.length)];
      drawn[i] = effect + (random.nextBoolean() ? one : -one);
    }
    return drawn;
  }
}
