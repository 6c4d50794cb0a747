package dev.outboard.integration.compare;

import dev.outboard.integration.statistics.Holm;
import dev.outboard.integration.statistics.PairedComparison;
import dev.outboard.integration.statistics.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** What the first arm's figures say beside those of the others. Pure functions. */
final class Findings {
  /** By one figure; the state of the processors is the one with the most pairs. */
  record Finding(
      String other,
      Ratio.Metric metric,
      CoreState state,
      PairedComparison comparison,
      Verdict verdict) {}

  private Findings() {}

  /** All of a report, corrected for their number. */
  static List<Finding> of(Report report) {
    ArmReport first = report.arms().getFirst();
    List<Finding> open = new ArrayList<>();
    for (ArmReport other : report.arms().subList(1, report.arms().size())) {
      for (Ratio.Metric metric : Ratio.Metric.values()) {
        compare(open, first, other, metric, report.host().idleCpus());
      }
    }
    double[] corrected =
        Holm.correct(open.stream().mapToDouble(finding -> finding.comparison().p()).toArray());
    List<Finding> findings = new ArrayList<>();
    for (int i = 0; i < corrected.length; i++) {
      Finding finding = open.get(i);
      Verdict verdict =
          Verdict.of(
              first.name(),
              finding.other(),
              finding.metric().words(),
              finding.comparison(),
              corrected[i]);
      findings.add(
          new Finding(
              finding.other(), finding.metric(), finding.state(), finding.comparison(), verdict));
    }
    return List.copyOf(findings);
  }

  private static void compare(
      List<Finding> open, ArmReport first, ArmReport other, Ratio.Metric metric, double idleCpus) {
    Stream.of(CoreState.FAST, CoreState.MEDIUM, CoreState.SLOW)
        .map(
            state ->
                new Finding(
                    other.name(),
                    metric,
                    state,
                    PairedComparison.of(
                        Ratio.figures(metric, state, first.rounds(), other.rounds(), idleCpus)),
                    null))
        .filter(finding -> finding.comparison().ratio().count() > 0)
        .max(Comparator.comparingInt(finding -> finding.comparison().ratio().count()))
        .ifPresent(open::add);
  }
}
