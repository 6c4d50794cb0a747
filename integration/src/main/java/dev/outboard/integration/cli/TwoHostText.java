package dev.outboard.integration.cli;

import static dev.outboard.integration.cli.CompareText.format;

import dev.outboard.integration.compare.ArmReport;
import dev.outboard.integration.compare.Ratio.Metric;
import java.util.List;

/**
 * Tables of a comparison between two hosts: first what a second of processor time is good for,
 * because both hosts share this machine's processors. Called by {@link CompareText}.
 */
final class TwoHostText {
  static final List<CompareText.Column> RATIOS =
      List.of(
          new CompareText.Column("FRAMES/CPU S 64 B", Metric.FRAMES_PER_CPU_S_64),
          new CompareText.Column("GB/CPU S 1518 B", Metric.GB_PER_CPU_S_1518),
          new CompareText.Column("P50 AT LOAD", Metric.RTT_AT_LOAD_P50),
          new CompareText.Column("P99 AT LOAD", Metric.RTT_AT_LOAD_P99),
          new CompareText.Column("FRAMES/S 64 B", Metric.FRAMES_PER_S_64),
          new CompareText.Column("FRAMES/S 1518 B", Metric.FRAMES_PER_S_1518));

  private static final double MEGA = 1e6;

  private TwoHostText() {}

  static Table arms(List<ArmReport> arms) {
    Table table =
        new Table(
            "ARM",
            "Mframes/CPU s 64 B",
            "GB/CPU s 1518 B",
            "RTT us at load p50",
            "p99",
            "p99.9",
            "RTT us p50",
            "p99",
            "Mframes/s 64 B",
            "1518 B",
            "Gbit/s",
            "SENT",
            "RECEIVED",
            "DROPS");
    for (ArmReport arm : arms) {
      table.row(
          arm.name(),
          // Other work was all of the machine's: there is nothing to divide by.
          arm.framesPerCpuS() == 0 ? "" : format("%.3f", arm.framesPerCpuS() / MEGA),
          arm.gbPerCpuS() == 0 ? "" : format("%.3f", arm.gbPerCpuS()),
          format("%.1f", arm.rttAtLoadUs().p50()),
          format("%.1f", arm.rttAtLoadUs().p99()),
          format("%.1f", arm.rttAtLoadUs().p999()),
          format("%.1f", arm.rttUs().p50()),
          format("%.1f", arm.rttUs().p99()),
          format("%.3f", arm.framesPerS() / MEGA),
          format("%.3f", arm.framesPerS1518() / MEGA),
          format("%.2f", arm.gbitPerS()),
          arm.sent(),
          arm.received(),
          arm.drops().isEmpty() ? "none" : CompareText.join(arm.drops()));
    }
    return table;
  }
}
