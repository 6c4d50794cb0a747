package dev.outboard.integration.statistics;

import java.util.List;
import java.util.Random;

/**
 * What pairs of figures say about two arms: by which factor the first is larger, and how sure that
 * is. Immutable.
 *
 * @param ratio the median of the pairs' ratios, first by second, with a 95 % bootstrap interval
 * @param p how likely so much is without an effect, by {@link PermutationTest}
 */
public record PairedComparison(Statistics.Interval ratio, double p) {
  private static final int SEED = 42;

  /** Two figures that were measured one soon after the other, in an order that was drawn. */
  public record Pair(double first, double second) {
    /** Whether a ratio can be made of it. */
    public boolean isUsable() {
      return first > 0 && second > 0 && first < Double.MAX_VALUE && second < Double.MAX_VALUE;
    }
  }

  /**
   * Compares. Factors are judged by their logarithms, so that twice and half are equally far from
   * no difference. Pairs with a figure that is not positive are left out.
   *
   * @return with a ratio of 1 and a p of 1 if no pair is left
   */
  public static PairedComparison of(List<Pair> pairs) {
    double[] differences =
        pairs.stream()
            .filter(Pair::isUsable)
            .mapToDouble(pair -> Math.log(pair.first() / pair.second()))
            .toArray();
    if (differences.length == 0) {
      return new PairedComparison(new Statistics.Interval(1, 1, 1, 0), 1);
    }
    Statistics.Interval logarithm = Statistics.bootstrap(differences, new Random(SEED));
    Statistics.Interval ratio =
        new Statistics.Interval(
            Math.exp(logarithm.median()),
            Math.exp(logarithm.low()),
            Math.exp(logarithm.high()),
            logarithm.count());
    return new PairedComparison(ratio, PermutationTest.paired(differences, new Random(SEED)));
  }
}
