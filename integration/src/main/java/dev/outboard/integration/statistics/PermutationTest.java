package dev.outboard.integration.statistics;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * How likely differences of pairs at least as large as these are, if nothing but chance decided
 * which of a pair is called the first. Pure; any thread.
 *
 * <p>Theory of operation. Where the order within each pair was drawn, every difference could as
 * well have come with the other sign; so all 2<sup>n</sup> ways to set the signs are equally likely
 * if there is no effect, whatever the noise is distributed like. The sum of the differences is
 * compared with the sums of those ways: of all of them up to {@value #EXACT} pairs, of {@value
 * #DRAWS} drawn ones above. One wild pair shall not drown the others, so each difference counts for
 * at most the median of their sizes, those of 0 aside; that bound does not depend on signs, so it
 * favours nobody.
 */
public final class PermutationTest {
  /** Up to so many pairs, all ways are tried. */
  public static final int EXACT = 15;

  private static final int DRAWS = 10_000;

  /** Sums that differ by rounding only are equal. */
  private static final double ROUNDING = 1e-9;

  private PermutationTest() {}

  /** The two-sided p of these differences; 1 if there are none. */
  public static double paired(double[] differences, RandomGenerator random) {
    double[] bounded = bounded(differences);
    double total = Math.abs(Arrays.stream(bounded).sum());
    double size = Arrays.stream(bounded).map(Math::abs).sum();
    double reached = total - ROUNDING * size;
    return bounded.length <= EXACT ? exact(bounded, reached) : drawn(bounded, reached, random);
  }

  /** The least p that so many pairs can give. */
  public static double least(int pairs) {
    return pairs <= EXACT ? Math.min(1, Math.scalb(2.0, -pairs)) : 1.0 / (DRAWS + 1);
  }

  private static double[] bounded(double[] differences) {
    double[] sizes = Arrays.stream(differences).map(Math::abs).filter(size -> size > 0).toArray();
    double most = Statistics.median(sizes);
    return Arrays.stream(differences).map(d -> Math.clamp(d, -most, most)).toArray();
  }

  /** Each way differs from the one before in one sign, so a sum costs one addition. */
  private static double exact(double[] differences, double reached) {
    int n = differences.length;
    double[] signed = differences.clone();
    double sum = Arrays.stream(signed).sum();
    int ways = 1 << n;
    int as = 0;
    for (int way = 1; way <= ways; way++) {
      as += Math.abs(sum) >= reached ? 1 : 0;
      int flip = Integer.numberOfTrailingZeros(way);
      if (flip < n) {
        sum -= 2 * signed[flip];
        signed[flip] = -signed[flip];
      }
    }
    return (double) as / ways;
  }

  /** What was found counts as one of the draws: p is never 0. */
  private static double drawn(double[] differences, double reached, RandomGenerator random) {
    int as = 1;
    for (int draw = 0; draw < DRAWS; draw++) {
      double sum = 0;
      for (double difference : differences) {
        sum += random.nextBoolean() ? difference : -difference;
      }
      as += Math.abs(sum) >= reached ? 1 : 0;
    }
    return (double) as / (DRAWS + 1);
  }
}
