package dev.outboard.integration.report;

import dev.outboard.integration.statistics.Verdict;
import java.util.List;

/**
 * How many times one thing is another, a row each with its interval, on a logarithmic axis around
 * 1. Immutable; any thread.
 *
 * @param label what the axis shows
 * @param statements as in {@link Plot}
 */
public record Factors(String title, String label, List<Factor> factors, List<String> statements)
    implements Section {
  /** Keeps copies of the lists. */
  public Factors {
    factors = List.copyOf(factors);
    statements = List.copyOf(statements);
  }

  /**
   * A row; factors of 0 and below are left out of the plot.
   *
   * @param kind whom it speaks for
   */
  public record Factor(String name, double median, double low, double high, Verdict.Kind kind) {}
}
