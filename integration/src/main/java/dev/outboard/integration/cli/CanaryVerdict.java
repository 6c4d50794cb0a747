package dev.outboard.integration.cli;

import java.util.Locale;

/**
 * Whether the guests that went ahead fare well enough for the others to follow. Pure. Immutable.
 *
 * @param good whether they do
 * @param reason in figures
 */
record CanaryVerdict(boolean good, String reason) {
  /** Fewer tell nothing of a 99th percentile. */
  static final long FEWEST = 100;

  /** So much more of the frames may be lost, or sent again. */
  private static final double MORE_LOST = 0.001;

  private static final double MORE_SENT_AGAIN = 0.01;

  /**
   * What was seen of them over some time.
   *
   * @param p99Us 99th percentile of their TCP's round trips; NaN without any
   * @param segments of TCP they sent
   * @param sentAgain those of them that they had sent before
   * @param frames they sent and were given
   * @param drops frames of theirs that were dropped
   */
  record Seen(
      long roundTrips, double p99Us, long segments, long sentAgain, long frames, long drops) {
    double lost() {
      return share(drops, frames + drops);
    }

    double again() {
      return share(sentAgain, segments);
    }

    private static double share(long part, long whole) {
      return whole <= 0 ? 0 : (double) part / whole;
    }
  }

  /**
   * Compares the time after with the time before.
   *
   * @param limit how many times longer the 99th percentile may be
   */
  static CanaryVerdict of(double limit, Seen before, Seen after) {
    if (before.roundTrips < FEWEST) {
      return bad(
          "too little TCP to judge by: %d round trips before, %d are needed; wait longer"
              + " (--canary-seconds), or swap without --canary",
          before.roundTrips, FEWEST);
    }
    if (after.roundTrips < FEWEST) {
      return bad("only %d round trips after, %d before", after.roundTrips, before.roundTrips);
    }
    if (after.lost() > before.lost() + MORE_LOST) {
      return bad(
          "%.2f %% of their frames were dropped after, %.2f %% before",
          100 * after.lost(), 100 * before.lost());
    }
    if (after.again() > before.again() + MORE_SENT_AGAIN) {
      return bad(
          "%.2f %% of their segments were sent again after, %.2f %% before",
          100 * after.again(), 100 * before.again());
    }
    double times = after.p99Us / before.p99Us;
    String p99 =
        text("p99 %.0f us after, %.0f us before: %.2f times", after.p99Us, before.p99Us, times);
    return times > limit
        ? new CanaryVerdict(false, p99 + text(", the limit is %.2f", limit))
        : new CanaryVerdict(true, p99);
  }

  private static CanaryVerdict bad(String format, Object... values) {
    return new CanaryVerdict(false, text(format, values));
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
