package dev.outboard.integration.cli;

import dev.outboard.integration.compare.ArmReport;
import dev.outboard.integration.compare.CoreState;
import dev.outboard.integration.compare.Host;
import dev.outboard.integration.compare.Ratio;
import dev.outboard.integration.compare.Report;
import dev.outboard.integration.compare.Topology;
import dev.outboard.integration.compare.Turn;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Lays out a comparison for people. Called by {@link CompareCommand}. */
final class CompareText {
  private static final double MEGA = 1e6;
  private static final double KILO = 1e3;

  /** Above this share of a processor, other work is part of the figures. */
  private static final double BUSY = 0.2;

  /** Ratios below this are shown with two digits behind the point. */
  private static final double SMALL = 10;

  private static final List<Column> RATIOS =
      List.of(
          new Column("FRAMES/S 64 B", Ratio.Metric.FRAMES_PER_S_64),
          new Column("FRAMES/S 1518 B", Ratio.Metric.FRAMES_PER_S_1518),
          new Column("ROUND TRIPS/S", Ratio.Metric.ROUND_TRIPS_PER_S));

  /** A column of the tables of ratios. */
  record Column(String head, Ratio.Metric metric) {}

  private CompareText() {}

  static String of(Report report) {
    StringBuilder text = new StringBuilder();
    Host host = report.host();
    text.append(
        format(
            "%s, %d CPUs, Linux %s; %d rounds, %.2f s a load, idle %.2f CPUs%n",
            host.cpu(),
            host.cpus(),
            host.kernel(),
            host.rounds(),
            host.seconds(),
            host.idleCpus()));
    host.threads().forEach((arm, layout) -> text.append(format("  %-10s %s%n", arm, layout)));
    if (host.dpdkDriver() != null) {
      text.append(format("  %-10s DPDK's driver: %s%n", "wire", host.dpdkDriver()));
    }
    boolean twoHosts = report.arms().getFirst().topology().equals(Topology.TWO_HOST.label());
    if (twoHosts) {
      text.append(
          format(
              "  link       %s; at load: %d requests of 64 B a second%n",
              host.linkRate() == null ? "no limit" : host.linkRate(), host.requestsPerSAtLoad()));
    }
    text.append('\n').append(twoHosts ? TwoHostText.arms(report.arms()) : arms(report.arms()));
    if (host.idleCpus() > BUSY) {
      text.append(
          format(
              "BUSY: other work took %.1f of %d CPUs while no load ran; don't trust these"
                  + " figures%n",
              host.idleCpus(), host.cpus()));
    }
    for (ArmReport arm : report.arms()) {
      text.append(doubts(arm));
    }
    List<String> others = report.ratios().stream().map(Ratio::to).distinct().toList();
    for (String other : others) {
      List<Ratio> ratios = report.ratios().stream().filter(r -> r.to().equals(other)).toList();
      text.append('\n').append(ratios(ratios, twoHosts ? TwoHostText.RATIOS : RATIOS));
    }
    text.append(format("%nmet core-to-core states: %s%n", join(host.coreStates())));
    return text.toString();
  }

  private static Table arms(List<ArmReport> arms) {
    Table table =
        new Table(
            "ARM",
            "RTT us p50",
            "p99",
            "p99.9",
            "TRIPS/S",
            "Mframes/s 64 B",
            "1518 B",
            "Gbit/s",
            "CPU s/GB",
            "SENT",
            "RECEIVED",
            "DROPS");
    for (ArmReport arm : arms) {
      table.row(
          arm.name(),
          format("%.2f", arm.rttUs().p50()),
          format("%.2f", arm.rttUs().p99()),
          format("%.2f", arm.rttUs().p999()),
          format("%.0f k", arm.roundTripsPerS() / KILO),
          format("%.3f", arm.framesPerS() / MEGA),
          format("%.3f", arm.framesPerS1518() / MEGA),
          format("%.2f", arm.gbitPerS()),
          format("%.2f", arm.cpuSecondsPerGigabyte()),
          arm.sent(),
          arm.received(),
          arm.drops().isEmpty() ? "none" : join(arm.drops()));
    }
    return table;
  }

  /** What does not add up is said, not hidden. */
  private static String doubts(ArmReport arm) {
    String text = "";
    if (arm.unaccounted() != 0) {
      text +=
          format(
              "MISMATCH in %s: %d frames sent are neither received nor counted as dropped%n",
              arm.name(), arm.unaccounted());
    }
    if (arm.corrupt() != 0) {
      text +=
          format("CORRUPT in %s: %d frames were changed on the way%n", arm.name(), arm.corrupt());
    }
    long counted = arm.rounds().stream().mapToLong(Turn::counted).sum();
    if (arm.rounds().getFirst().counted() >= 0 && counted != arm.sent()) {
      text +=
          format(
              "MISMATCH in %s: the guests sent %d frames, the sidecar counted %d%n",
              arm.name(), arm.sent(), counted);
    }
    return text;
  }

  private static String ratios(List<Ratio> ratios, List<Column> columns) {
    Table table =
        new Table(
            Stream.concat(Stream.of("STATE"), columns.stream().map(Column::head))
                .toArray(String[]::new));
    for (CoreState state : CoreState.values()) {
      List<Ratio> here = ratios.stream().filter(ratio -> ratio.state() == state).toList();
      if (!here.isEmpty()) {
        table.row(
            Stream.concat(
                    Stream.of(state.label()),
                    columns.stream().map(column -> cell(here, column.metric())))
                .toArray());
      }
    }
    Ratio any = ratios.getFirst();
    return format(
            "%s / %s: median of pairs in one core-to-core state [95 %% bounds] (pairs)%n",
            any.of(), any.to())
        + table;
  }

  private static String cell(List<Ratio> ratios, Ratio.Metric metric) {
    return ratios.stream()
        .filter(ratio -> ratio.metric().equals(metric.label()))
        .map(
            r ->
                format(
                    r.high95() < SMALL ? "%.2f [%.2f, %.2f] (%d)" : "%.1f [%.1f, %.1f] (%d)",
                    r.median(),
                    r.low95(),
                    r.high95(),
                    r.pairs()))
        .collect(Collectors.joining());
  }

  static String join(Map<String, ? extends Number> counts) {
    return counts.entrySet().stream()
        .map(count -> count.getKey() + "=" + count.getValue())
        .collect(Collectors.joining(" "));
  }

  static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
