package dev.outboard.integration.live;

import dev.outboard.integration.compare.CoreState;
import dev.outboard.integration.statistics.PairedComparison;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Rounds that were measured one soon after the other, in an order that was drawn: one for each arm,
 * or, where the guests were split, two. Immutable.
 */
record Pair(List<Round> rounds) {

  /** The state of the processors in all of its rounds; mixed, if there were several. */
  CoreState state() {
    Set<CoreState> states = rounds.stream().map(Round::state).collect(Collectors.toSet());
    return states.size() == 1 ? states.iterator().next() : CoreState.MIXED;
  }

  /** Whether its rounds may be compared. */
  boolean isComparable() {
    return state() != CoreState.MIXED;
  }

  List<Round> of(int arm) {
    return rounds.stream().filter(round -> round.arm() == arm).toList();
  }

  /**
   * An arm's figure: of two halves of the guests the geometric mean, of those that have one on both
   * arms; NaN if none has.
   */
  double figure(LiveMetric metric, int arm) {
    return Math.exp(
        of(arm).stream()
            .filter(round -> isMeasured(metric, round.guests()))
            .mapToDouble(round -> Math.log(metric.figure(round)))
            .average()
            .orElse(Double.NaN));
  }

  private boolean isMeasured(LiveMetric metric, List<String> guests) {
    return rounds.stream()
        .filter(round -> round.guests().equals(guests))
        .mapToDouble(metric::figure)
        .allMatch(figure -> figure > 0 && figure < Double.POSITIVE_INFINITY);
  }

  PairedComparison.Pair figures(LiveMetric metric) {
    return new PairedComparison.Pair(figure(metric, 0), figure(metric, 1));
  }
}
