package dev.outboard.integration.live;

import dev.outboard.integration.statistics.Holm;
import dev.outboard.integration.statistics.PairedComparison;
import dev.outboard.integration.statistics.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What pairs of rounds say of two arms. Pure functions. */
final class Findings {
  private Findings() {}

  /** The median round trip first, by itself; then the others, corrected for their number. */
  static List<LiveResult.Finding> of(LiveSettings settings, List<Pair> pairs) {
    LiveMetric primary = LiveMetric.RTT_P50;
    List<LiveMetric> others =
        Stream.of(LiveMetric.values()).filter(m -> m != primary && m.isSeen(pairs)).toList();
    List<PairedComparison> comparisons = others.stream().map(m -> compare(m, pairs)).toList();
    double[] corrected =
        Holm.correct(comparisons.stream().mapToDouble(PairedComparison::p).toArray());
    PairedComparison first = compare(primary, pairs);
    List<LiveResult.Finding> findings = new ArrayList<>();
    findings.add(finding(settings, primary, first, first.p()));
    for (int i = 0; i < corrected.length; i++) {
      findings.add(finding(settings, others.get(i), comparisons.get(i), corrected[i]));
    }
    return List.copyOf(findings);
  }

  private static PairedComparison compare(LiveMetric metric, List<Pair> pairs) {
    return PairedComparison.of(pairs.stream().map(pair -> pair.figures(metric)).toList());
  }

  private static LiveResult.Finding finding(
      LiveSettings settings, LiveMetric metric, PairedComparison comparison, double p) {
    Verdict verdict =
        Verdict.of(settings.label(0), settings.label(1), metric.words(), comparison, p);
    return new LiveResult.Finding(
        metric.words().name(),
        comparison.ratio().median(),
        comparison.ratio().low(),
        comparison.ratio().high(),
        comparison.ratio().count(),
        p,
        verdict.kind(),
        verdict.text());
  }

  /** Each arm's median round trips, in the order they were measured. */
  static List<List<Double>> medians(List<Pair> pairs) {
    return IntStream.range(0, 2)
        .mapToObj(arm -> pairs.stream().map(p -> p.figure(LiveMetric.RTT_P50, arm)).toList())
        .toList();
  }
}
