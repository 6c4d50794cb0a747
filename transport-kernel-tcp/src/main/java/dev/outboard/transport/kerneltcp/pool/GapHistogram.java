package dev.outboard.transport.kerneltcp.pool;

/**
 * How long idle gaps of one kind have been: counts and sums in logarithmic bins, sixteen to a
 * decade, from a millisecond to some hours. Old gaps count less and less. Private to the sizing.
 */
final class GapHistogram {
  private static final int PER_DECADE = 16;
  private static final int DECADES = 7;
  private static final double FIRST_NANOS = 1e6;

  /** Limits that can be chosen: 0, then the upper end of each bin. */
  static final int LIMITS = PER_DECADE * DECADES + 1;

  private static final double[] LIMIT_NANOS = new double[LIMITS];

  static {
    for (int i = 1; i < LIMITS; i++) {
      LIMIT_NANOS[i] = FIRST_NANOS * Math.pow(10, (double) (i - 1) / PER_DECADE);
    }
  }

  /** Gaps above limit {@code i-1} and up to {@code i}; at last those above all. */
  private final double[] counts = new double[LIMITS + 1];

  private final double[] sums = new double[LIMITS + 1];

  static double limitNanos(int limit) {
    return LIMIT_NANOS[limit];
  }

  void add(double nanos) {
    int bin = 0;
    if (nanos > 0) {
      double above = Math.log10(nanos / FIRST_NANOS) * PER_DECADE;
      bin = (int) Math.clamp(Math.ceil(above) + 1, 1, LIMITS);
    }
    counts[bin]++;
    sums[bin] += nanos;
  }

  void scale(double factor) {
    for (int i = 0; i < counts.length; i++) {
      counts[i] *= factor;
      sums[i] *= factor;
    }
  }

  /** Adds some gaps that are spread like another's. */
  void blend(GapHistogram other, double weight) {
    double factor = weight / other.total();
    for (int i = 0; i < counts.length; i++) {
      counts[i] += factor * other.counts[i];
      sums[i] += factor * other.sums[i];
    }
  }

  double total() {
    double total = 0;
    for (double each : counts) {
      total += each;
    }
    return total;
  }

  /**
   * For each limit, had connections been kept idle up to it: the idle nanoseconds, and how many
   * would have been gone when they were needed.
   */
  void curves(double[] idle, double[] gone) {
    double kept = 0;
    double left = total();
    for (int i = 0; i < LIMITS; i++) {
      kept += sums[i];
      left -= counts[i];
      gone[i] = Math.max(0, left);
      idle[i] = kept + gone[i] * LIMIT_NANOS[i];
    }
  }
}
