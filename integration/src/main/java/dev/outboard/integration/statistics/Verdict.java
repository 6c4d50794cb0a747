package dev.outboard.integration.statistics;

import java.util.Locale;

/**
 * What a comparison of two arms by one figure comes to, in words. Immutable.
 *
 * @param text a sentence: "iouring: p99 1.8 times lower than tuntap, 95 % CI 1.5-2.2"
 * @param kind for whom it speaks
 */
public record Verdict(String text, Kind kind) {
  /** Below this p a difference counts as shown. */
  public static final double ALPHA = 0.01;

  private static final double COARSE = 10;

  /** For whom a verdict speaks. */
  public enum Kind {
    /** The first arm. */
    BETTER,
    /** The second. */
    WORSE,
    /** Nobody: no difference was shown, which does not show that there is none. */
    NONE
  }

  /** A figure, and which way it is good. */
  public record Metric(String name, boolean moreIsBetter) {}

  /**
   * Puts it into words.
   *
   * @param p the comparison's own, or what a correction has made of it
   */
  public static Verdict of(
      String first, String second, Metric metric, PairedComparison comparison, double p) {
    int pairs = comparison.ratio().count();
    if (PermutationTest.least(pairs) >= ALPHA) {
      return none(metric, "too few pairs to show anything, " + pairs);
    }
    Statistics.Interval ratio = comparison.ratio();
    if (p >= ALPHA) {
      return none(
          metric,
          format(
              "no difference shown between %s and %s (%s times, 95 %% CI %s-%s, p %.3f)",
              first, second, factor(ratio.median()), factor(ratio.low()), factor(ratio.high()), p));
    }
    boolean higher = ratio.median() >= 1;
    String text =
        format(
            "%s: %s %s times %s than %s, 95 %% CI %s-%s",
            first,
            metric.name(),
            factor(higher ? ratio.median() : 1 / ratio.median()),
            higher ? "higher" : "lower",
            second,
            factor(higher ? ratio.low() : 1 / ratio.high()),
            factor(higher ? ratio.high() : 1 / ratio.low()));
    return new Verdict(text, higher == metric.moreIsBetter() ? Kind.BETTER : Kind.WORSE);
  }

  private static Verdict none(Metric metric, String text) {
    return new Verdict(metric.name() + ": " + text, Kind.NONE);
  }

  private static String factor(double value) {
    return format(value < COARSE ? "%.2f" : "%.0f", value);
  }

  private static String format(String text, Object... values) {
    return String.format(Locale.ROOT, text, values);
  }
}
