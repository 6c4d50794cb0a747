package dev.outboard.integration.cli;

import static dev.outboard.integration.cli.CompareText.format;
import static dev.outboard.integration.cli.CompareText.join;

import dev.outboard.integration.figures.Effect;
import dev.outboard.integration.figures.FigureValue;
import dev.outboard.integration.figures.FiguresReport;
import dev.outboard.integration.figures.FiguresSetUp;
import dev.outboard.integration.figures.Saturation;
import dev.outboard.integration.figures.SizeStep;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** Lays out the figures for people. Called by {@link FiguresCommand}. */
final class FiguresText {
  private static final double BUSY = 0.2;
  private static final double KILO = 1e3;

  private FiguresText() {}

  static String of(FiguresReport report) {
    StringBuilder text = new StringBuilder();
    setUp(report.setUp(), text);
    table(report, 2, "FIGURE 2, Gbit/s (of host-host)", FiguresText::throughput, text);
    saturation(report.saturation(), text);
    table(report, 3, "FIGURE 3a, round trip p50 us (times host-host)", FiguresText::latency, text);
    table(report, 3, "FIGURE 3a, round trip p99 us", v -> format("%.0f", v.p99Us()), text);
    table(
        report, 3, "FIGURE 3b, messages/s, thousands (of host-host)", FiguresText::messages, text);
    table(report, 3, "FIGURE 3, CPUs busy", v -> format("%.2f", v.cpus()), text);
    sizes(report, text);
    effects(report.effects(), text);
    doubts(report, text);
    return text.toString();
  }

  private static void setUp(FiguresSetUp setUp, StringBuilder text) {
    text.append(
        format(
            "%s, %d CPUs, Linux %s; %d rounds, %.2f s a point, idle %.2f CPUs%n",
            setUp.cpu(),
            setUp.cpus(),
            setUp.kernel(),
            setUp.rounds(),
            setUp.seconds(),
            setUp.idleCpus()));
    text.append(format("  hosts    %s; %s%n", setUp.hosts(), setUp.processors()));
    setUp
        .arms()
        .forEach((arm, way) -> text.append(format("  %-8s host end: %s%n", arm, way.hostEnd())));
    if (!setUp.stopped().isEmpty()) {
      text.append(format("  no more than %s VMs: %s%n", setUp.counts().getLast(), setUp.stopped()));
    }
    text.append(format("  met core-to-core states: %s%n", join(setUp.coreStates())));
  }

  private static String throughput(FigureValue value) {
    String share = value.toHost() == null ? "" : format(" (%.0f %%)", 100 * value.toHost().ratio());
    return format("%.2f", value.gbitPerS()) + share;
  }

  private static String latency(FigureValue value) {
    String share = value.toHost() == null ? "" : format(" (%.2f)", value.toHost().ratio());
    return format("%.1f", value.p50Us()) + share;
  }

  private static String messages(FigureValue value) {
    FigureValue.Share toHost = value.messagesToHost();
    String share = toHost == null ? "" : format(" (%.0f %%)", 100 * toHost.ratio());
    return format("%.1f", value.messagesPerS() / KILO) + share;
  }

  /** A row for each way, a column for each number of VMs. */
  private static void table(
      FiguresReport report,
      int figure,
      String title,
      Function<FigureValue, String> cell,
      StringBuilder text) {
    Map<List<String>, Map<Integer, String>> rows = new LinkedHashMap<>();
    for (FigureValue value : report.values()) {
      if (value.figure() == figure) {
        rows.computeIfAbsent(
                List.of(value.arm(), value.configuration()), _ -> new LinkedHashMap<>())
            .put(value.vms(), cell.apply(value));
      }
    }
    if (rows.isEmpty()) {
      return;
    }
    List<String> heads = new ArrayList<>(List.of("ARM", "WAY"));
    report.setUp().counts().forEach(count -> heads.add(count + (count == 1 ? " VM" : " VMs")));
    Table table = new Table(heads.toArray(String[]::new));
    rows.forEach(
        (way, cells) -> {
          List<String> row = new ArrayList<>(way);
          report.setUp().counts().forEach(count -> row.add(cells.getOrDefault(count, "")));
          table.row(row.toArray());
        });
    text.append('\n').append(title).append('\n').append(table);
  }

  private static void saturation(List<Saturation> saturation, StringBuilder text) {
    if (saturation.isEmpty()) {
      return;
    }
    Table table =
        new Table(
            "ARM", "WAY", "ONE VM Gbit/s", "PREDICTED VMs", "OBSERVED VMs", "MOST", "OF HOST");
    for (Saturation s : saturation) {
      table.row(
          s.arm(),
          s.configuration(),
          format("%.2f", s.oneVmGbitPerS()),
          s.predictedVms(),
          s.observedVms() + (s.open() ? " or more" : ""),
          format("%.2f", s.mostGbitPerS()),
          format("%.0f %%", 100 * s.shareOfHost()));
    }
    text.append(
            format(
                "%nFIGURE 2, saturation: predicted is how many times one VM gives host-host's most,"
                    + " observed is%nthe least number that gives 95 %% of the way's own most%n"))
        .append(table);
  }

  private static void sizes(FiguresReport report, StringBuilder text) {
    if (report.sizeSteps().isEmpty()) {
      return;
    }
    Table table = new Table("ARM", "WAY", "FROM", "TO", "LATENCY", "MESSAGES");
    for (SizeStep step : report.sizeSteps()) {
      table.row(
          step.arm(),
          step.configuration(),
          step.from(),
          step.to(),
          share(step.latency()),
          share(step.messages()));
    }
    text.append(
            format(
                "%nFIGURE 4, one VM, a message that needs one more frame: times as much [95 %%]%n"))
        .append(table);
  }

  private static String share(FigureValue.Share share) {
    return format("%.2f [%.2f, %.2f]", share.ratio(), share.low95(), share.high95());
  }

  private static void effects(List<Effect> effects, StringBuilder text) {
    if (effects.isEmpty()) {
      return;
    }
    text.append(format("%nThe paper's findings, in vmm-tap:%n"));
    for (Effect effect : effects) {
      text.append(
          format("- %s%n  %s: %s%n", effect.finding(), effect.degree().words(), effect.here()));
      if (!effect.why().isEmpty()) {
        text.append(format("  because %s%n", effect.why()));
      }
    }
  }

  /** What does not add up is said, not hidden. */
  private static void doubts(FiguresReport report, StringBuilder text) {
    long sent = 0;
    long received = 0;
    Map<String, Long> drops = new TreeMap<>();
    for (FigureValue value : report.values()) {
      sent += value.sent();
      received += value.received();
      value.drops().forEach((reason, count) -> drops.merge(reason, count, Long::sum));
    }
    text.append(
        format(
            "%nframes sent %d, received %d, dropped %s%n",
            sent, received, drops.isEmpty() ? "none" : join(drops)));
    for (FigureValue value : report.values()) {
      if (value.missing() != 0) {
        text.append(
            format(
                "MISMATCH in %s %s, %d VMs, %s: %d frames are neither received nor counted%n",
                value.arm(), value.configuration(), value.vms(), value.load(), value.missing()));
      }
      if (value.corrupt() != 0) {
        text.append(
            format(
                "CORRUPT in %s %s, %d VMs, %s: %d frames%n",
                value.arm(), value.configuration(), value.vms(), value.load(), value.corrupt()));
      }
    }
    double idle = report.setUp().idleCpus();
    if (idle > BUSY) {
      text.append(
          format(
              "BUSY: other work took %.1f of %d CPUs while no load ran; don't trust these"
                  + " figures%n",
              idle, report.setUp().cpus()));
    }
  }
}
