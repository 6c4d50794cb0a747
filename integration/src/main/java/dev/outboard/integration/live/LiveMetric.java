package dev.outboard.integration.live;

import dev.outboard.integration.statistics.Verdict;
import java.util.List;

/**
 * What arms are compared by. The first is what decides; the others are corrected for their number.
 */
enum LiveMetric {
  /** Half of the round trips took no longer. */
  RTT_P50("rtt p50", false),
  /** All but a hundredth took no longer. */
  RTT_P99("rtt p99", false),
  /** Bytes of frames in a second, sent and received. */
  THROUGHPUT("throughput", true),
  /** The share of TCP segments that were sent again. */
  RETRANSMISSIONS("retransmitted share", false),
  /** The share of frames that were dropped. */
  DROPS("dropped share", false),
  /** What the sidecar's process worked for a byte. */
  CPU_SIDECAR("sidecar CPU per GB", false),
  /** What the whole machine worked for a byte. */
  CPU_MACHINE("machine CPU per GB", false);

  static final double GIGA = 1e9;

  /** Shares get half an event more, for no share can be compared with 0. */
  private static final double HALF = 0.5;

  private final String label;
  private final boolean moreIsBetter;

  LiveMetric(String name, boolean moreIsBetter) {
    label = name;
    this.moreIsBetter = moreIsBetter;
  }

  Verdict.Metric words() {
    return new Verdict.Metric(label, moreIsBetter);
  }

  double figure(Round round) {
    Traffic traffic = round.traffic();
    return switch (this) {
      case RTT_P50 -> traffic.micros(50);
      case RTT_P99 -> traffic.micros(99);
      case THROUGHPUT -> traffic.bytes() / round.seconds();
      case RETRANSMISSIONS -> (traffic.retransmissions() + HALF) / (traffic.segments() + 1);
      case DROPS -> (traffic.dropped() + HALF) / (traffic.frames() + traffic.dropped() + 1);
      case CPU_SIDECAR -> round.sidecarSeconds() * GIGA / traffic.bytes();
      case CPU_MACHINE -> round.machineSeconds() * GIGA / traffic.bytes();
    };
  }

  /**
   * Whether there is anything to compare: some event, and work that can be told apart. Does not
   * depend on which arm had what, so leaving one out favours neither.
   */
  boolean isSeen(List<Pair> pairs) {
    List<Round> rounds = pairs.stream().flatMap(pair -> pair.rounds().stream()).toList();
    boolean split = pairs.stream().anyMatch(pair -> pair.rounds().size() > 2);
    return switch (this) {
      case RTT_P50, RTT_P99, THROUGHPUT -> true;
      case RETRANSMISSIONS -> rounds.stream().anyMatch(r -> r.traffic().retransmissions() > 0);
      case DROPS -> rounds.stream().anyMatch(r -> r.traffic().dropped() > 0);
      case CPU_SIDECAR, CPU_MACHINE -> !split;
    };
  }
}
