package dev.outboard.integration.compare;

import dev.outboard.integration.statistics.PairedComparison;
import dev.outboard.integration.statistics.Statistics;
import dev.outboard.integration.statistics.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * How many times better one arm is than another, by one figure: the median of pairs, each of the
 * same round and of one state of the processors. Immutable; written to the JSON as it is.
 */
public record Ratio(
    String of,
    String to,
    String metric,
    CoreState state,
    double median,
    double low95,
    double high95,
    int pairs) {
  private static final int SEED = 42;

  /** The figures that pairs are made of; more is better, but for times. */
  public enum Metric {
    /** Frames of 64 bytes a second. */
    FRAMES_PER_S_64,
    /** Frames of 1518 bytes a second. */
    FRAMES_PER_S_1518,
    /** Round trips a second, one frame in flight. */
    ROUND_TRIPS_PER_S,
    /** Frames of 64 bytes for a second of processor time. */
    FRAMES_PER_CPU_S_64,
    /** Frames of 1518 bytes for a second of processor time, in bytes. */
    GB_PER_CPU_S_1518,
    /** Half of the round trips at a fixed rate take no longer; less is better. */
    RTT_AT_LOAD_P50,
    /** So for all but a hundredth; less is better. */
    RTT_AT_LOAD_P99;

    /** The name in the JSON. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** The name for people, and which way it is good. */
    Verdict.Metric words() {
      return switch (this) {
        case FRAMES_PER_S_64 -> new Verdict.Metric("frames of 64 B a second", true);
        case FRAMES_PER_S_1518 -> new Verdict.Metric("frames of 1518 B a second", true);
        case ROUND_TRIPS_PER_S -> new Verdict.Metric("round trips a second", true);
        case FRAMES_PER_CPU_S_64 -> new Verdict.Metric("frames of 64 B a CPU second", true);
        case GB_PER_CPU_S_1518 -> new Verdict.Metric("GB a CPU second", true);
        case RTT_AT_LOAD_P50 -> new Verdict.Metric("round trip p50 at load", false);
        case RTT_AT_LOAD_P99 -> new Verdict.Metric("round trip p99 at load", false);
      };
    }

    double figure(Turn turn, double idleCpus) {
      return switch (this) {
        case FRAMES_PER_S_64 -> turn.framesPerS();
        case FRAMES_PER_S_1518 -> turn.framesPerS1518();
        case ROUND_TRIPS_PER_S -> turn.roundTripsPerS();
        case FRAMES_PER_CPU_S_64 -> turn.framesPerCpuSecond(idleCpus);
        case GB_PER_CPU_S_1518 -> turn.gigabytesPerCpuSecond(idleCpus);
        case RTT_AT_LOAD_P50 -> turn.rttAtLoadUs() == null ? 0 : turn.rttAtLoadUs().p50();
        case RTT_AT_LOAD_P99 -> turn.rttAtLoadUs() == null ? 0 : turn.rttAtLoadUs().p99();
      };
    }

    CoreState state(Turn turn) {
      return switch (this) {
        case FRAMES_PER_S_64, FRAMES_PER_CPU_S_64 -> turn.state64();
        case FRAMES_PER_S_1518, GB_PER_CPU_S_1518 -> turn.state1518();
        case ROUND_TRIPS_PER_S -> turn.rttState();
        case RTT_AT_LOAD_P50, RTT_AT_LOAD_P99 -> turn.atLoadState();
      };
    }
  }

  /** All ratios that these rounds allow, the fastest state first. */
  static List<Ratio> of(String of, List<Turn> mine, String to, List<Turn> theirs, double idleCpus) {
    List<Ratio> ratios = new ArrayList<>();
    for (CoreState state : List.of(CoreState.FAST, CoreState.MEDIUM, CoreState.SLOW)) {
      for (Metric metric : Metric.values()) {
        List<Double> pairs = pairs(metric, state, mine, theirs, idleCpus);
        if (!pairs.isEmpty()) {
          Statistics.Interval interval = Statistics.bootstrap(pairs, new Random(SEED));
          ratios.add(
              new Ratio(
                  of,
                  to,
                  metric.label(),
                  state,
                  interval.median(),
                  interval.low(),
                  interval.high(),
                  interval.count()));
        }
      }
    }
    return ratios;
  }

  private static List<Double> pairs(
      Metric metric, CoreState state, List<Turn> mine, List<Turn> theirs, double idleCpus) {
    return figures(metric, state, mine, theirs, idleCpus).stream()
        .map(pair -> pair.first() / pair.second())
        .toList();
  }

  /** Figures of the same round, where both were measured in this state. */
  static List<PairedComparison.Pair> figures(
      Metric metric, CoreState state, List<Turn> mine, List<Turn> theirs, double idleCpus) {
    List<PairedComparison.Pair> pairs = new ArrayList<>();
    for (int i = 0; i < Math.min(mine.size(), theirs.size()); i++) {
      Turn one = mine.get(i);
      Turn other = theirs.get(i);
      double divisor = metric.figure(other, idleCpus);
      if (metric.state(one) == state && metric.state(other) == state && divisor > 0) {
        pairs.add(new PairedComparison.Pair(metric.figure(one, idleCpus), divisor));
      }
    }
    return pairs;
  }
}
