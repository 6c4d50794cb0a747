package dev.outboard.integration.figures;

import dev.outboard.integration.report.Factors;
import dev.outboard.integration.report.Page;
import dev.outboard.integration.report.Plot;
import dev.outboard.integration.report.Section;
import dev.outboard.integration.statistics.Verdict;
import dev.outboard.integration.wire.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** The figures as a page for who was not there. Pure functions. */
public final class FiguresPage {
  private static final double KILO = 1e3;
  private static final Plot.Axis VMS = new Plot.Axis("microVMs on each host", true);

  private FiguresPage() {}

  /** Lays it out. */
  public static Page of(FiguresReport report) {
    List<Section> sections = new ArrayList<>();
    if (!report.effects().isEmpty()) {
      sections.add(effects(report));
    }
    throughput(report, sections);
    latency(report, sections);
    if (!report.sizeSteps().isEmpty()) {
      sections.add(sizes(report));
    }
    sections.add(values(report));
    sections.add(arms(report));
    sections.add(setUp(report));
    sections.add(method());
    return new Page(
        "The paper's figures on this machine",
        summary(report),
        sections,
        Json.api().valueToTree(report));
  }

  private static String summary(FiguresReport report) {
    long shown = report.effects().stream().filter(e -> e.degree() == Effect.Degree.SHOWN).count();
    return ("Up to %d stand-in microVMs on each of two hosts, %s. %d of %d findings of the paper are"
            + " fully shown in its baseline, vmm-tap.")
        .formatted(
            report.setUp().counts().getLast(),
            report.setUp().hosts(),
            shown,
            report.effects().size());
  }

  private static Section effects(FiguresReport report) {
    return new Section.Table(
        "The paper's findings, in vmm-tap",
        List.of("the paper says that", "here", "that is", "because"),
        report.effects().stream()
            .map(
                effect ->
                    List.of(
                        effect.finding(),
                        effect.here(),
                        effect.degree().words(),
                        effect.why().isEmpty() ? "-" : effect.why()))
            .toList(),
        "Much weaker: less than half of the effect. Not shown: nothing that could not be chance.");
  }

  private static void throughput(FiguresReport report, List<Section> sections) {
    for (Configuration way : ways()) {
      plot(
          report,
          2,
          way,
          "Figure 2: throughput, " + way.label(),
          new Plot.Axis("Gbit/s", false),
          FigureValue::gbitPerS,
          List.of(
              "The paper: one VM uses 5.2 % of the link (vm-vm) or 8.8 % (vm-host), a process"
                  + " 27.3 %.",
              "The paper: the link is full with 35 VMs, where 20 (vm-vm) and 13 (vm-host) were"
                  + " predicted."),
          sections);
    }
    if (!report.saturation().isEmpty()) {
      sections.add(saturation(report));
    }
  }

  private static Section saturation(FiguresReport report) {
    List<List<String>> rows = new ArrayList<>();
    for (Saturation s : report.saturation()) {
      rows.add(
          List.of(
              s.arm() + " " + s.configuration(),
              number(s.oneVmGbitPerS()),
              "" + s.predictedVms(),
              s.observedVms() + (s.open() ? " or more" : ""),
              number(s.mostGbitPerS()),
              number(100 * s.shareOfHost()) + " %"));
    }
    return new Section.Table(
        "Figure 2: saturation",
        List.of(
            "way", "one VM Gbit/s", "predicted VMs", "observed VMs", "most Gbit/s", "of host-host"),
        rows,
        "Predicted: how many times one VM gives the most that host-host carries. Observed: the least"
            + " number of VMs that gives 95 % of the most that this way carries.");
  }

  private static void latency(FiguresReport report, List<Section> sections) {
    for (Configuration way : ways()) {
      plot(
          report,
          FigureLoad.MANY,
          way,
          "Figure 3a: median round trip, " + way.label(),
          new Plot.Axis("µs", true),
          FigureValue::p50Us,
          List.of(
              "The paper: one VM's round trip is 600 % (vm-vm) or 350 % (vm-host) longer than"
                  + " host-host's, and grows with the number of VMs."),
          sections);
      plot(
          report,
          FigureLoad.MANY,
          way,
          "Figure 3a: 99th percentile of the round trip, " + way.label(),
          new Plot.Axis("µs", true),
          FigureValue::p99Us,
          List.of(),
          sections);
      plot(
          report,
          FigureLoad.MANY,
          way,
          "Figure 3b: messages answered, " + way.label(),
          new Plot.Axis("thousands a second", false),
          value -> value.messagesPerS() == null ? null : value.messagesPerS() / KILO,
          List.of("The paper: from about 10 VMs on their number does not grow."),
          sections);
      plot(
          report,
          FigureLoad.MANY,
          way,
          "Figure 3: processors busy, " + way.label(),
          new Plot.Axis("processors", false),
          FigureValue::cpus,
          List.of(),
          sections);
    }
  }

  private static List<Configuration> ways() {
    return List.of(Configuration.VM_VM, Configuration.VM_HOST, Configuration.HOST_VM);
  }

  /** Curves of all arms for a way, beside that of the hosts alone. */
  private static void plot(
      FiguresReport report,
      int figure,
      Configuration way,
      String title,
      Plot.Axis y,
      Function<FigureValue, Double> what,
      List<String> statements,
      List<Section> sections) {
    Map<String, List<Plot.Point>> curves = new LinkedHashMap<>();
    for (FigureValue value : report.values()) {
      boolean host = value.configuration().equals(Configuration.HOST_HOST.label());
      Double figureOf = what.apply(value);
      if (value.figure() == figure
          && figureOf != null
          && (host || value.configuration().equals(way.label()))) {
        curves
            .computeIfAbsent(host ? "host-host" : value.arm(), _ -> new ArrayList<>())
            .add(Plot.Point.of(value.vms(), figureOf));
      }
    }
    if (!curves.isEmpty()) {
      List<Plot.Series> series = new ArrayList<>();
      curves.forEach(
          (name, points) -> series.add(new Plot.Series(name, points, name.equals("host-host"))));
      sections.add(new Plot(title, VMS, y, series, statements));
    }
  }

  private static Section sizes(FiguresReport report) {
    return new Factors(
        "Figure 4: a message that needs one more frame",
        "times the round trip of the message that fits, with a 95 % interval",
        report.sizeSteps().stream()
            .map(
                step ->
                    new Factors.Factor(
                        "%s %s, %s to %s"
                            .formatted(step.arm(), step.configuration(), step.from(), step.to()),
                        step.latency().ratio(),
                        step.latency().low95(),
                        step.latency().high95(),
                        Verdict.Kind.NONE))
            .toList(),
        List.of(
            "The paper: VMs take much longer and answer far fewer messages then, processes hardly"
                + " change; it names TAPs without GRO and TSO."));
  }

  private static Section values(FiguresReport report) {
    List<List<String>> rows = new ArrayList<>();
    for (FigureValue value : report.values()) {
      FigureValue.Share share = value.toHost();
      rows.add(
          List.of(
              "%s %s".formatted(value.arm(), value.configuration()),
              "" + value.vms(),
              value.load(),
              value.gbitPerS() == null ? "-" : number(value.gbitPerS()),
              value.p50Us() == null ? "-" : number(value.p50Us()),
              value.p99Us() == null ? "-" : number(value.p99Us()),
              value.messagesPerS() == null ? "-" : number(value.messagesPerS() / KILO),
              number(value.cpus()),
              share == null
                  ? "-"
                  : "%s [%s, %s]"
                      .formatted(
                          number(share.ratio()), number(share.low95()), number(share.high95())),
              "" + value.sent(),
              "" + value.received(),
              value.drops().isEmpty() ? "none" : counts(value.drops())));
    }
    return new Section.Table(
        "All points",
        List.of(
            "way",
            "VMs",
            "load",
            "Gbit/s",
            "p50 µs",
            "p99 µs",
            "thousand messages/s",
            "CPUs",
            "to host-host",
            "sent",
            "received",
            "dropped"),
        rows,
        "Medians of the rounds. To host-host: throughput, or else the median round trip, by that of"
            + " host-host with as many pairs in the same round.");
  }

  private static Section arms(FiguresReport report) {
    List<List<String>> rows = new ArrayList<>();
    report
        .setUp()
        .arms()
        .forEach((arm, way) -> rows.add(List.of(arm, way.hostEnd(), way.copies(), way.offloads())));
    return new Section.Table(
        "Arms", List.of("arm", "host end", "copies of a byte, vm-vm", "offloads"), rows, "");
  }

  private static Section setUp(FiguresReport report) {
    FiguresSetUp setUp = report.setUp();
    return new Section.Table(
        "Set-up",
        List.of("what", "value"),
        List.of(
            List.of("hosts", setUp.hosts()),
            List.of("pinning", setUp.processors()),
            List.of("VMs on each host", setUp.counts().toString()),
            List.of("stopped there", setUp.stopped().isEmpty() ? "as asked for" : setUp.stopped()),
            List.of("rounds", setUp.rounds() + " of " + number(setUp.seconds()) + " s"),
            List.of("core-to-core states met", counts(setUp.coreStates())),
            List.of("processors busy while idle", number(setUp.idleCpus())),
            List.of("outboard", setUp.outboard()),
            List.of("begun", setUp.started()),
            List.of("kernel", setUp.kernel()),
            List.of("processors", setUp.cpus() + ", " + setUp.cpu()),
            List.of("JDK", setUp.jdk())),
        "");
  }

  private static Section method() {
    return new Section.Text(
        "How it was measured",
        List.of(
            "All arms are up from the beginning to the end, with as many microVMs as the largest"
                + " point needs; those that are not in their turn sleep. Each point is measured once"
                + " a round, in an order drawn anew for each round.",
            "A microVM is a stand-in: a driver of virtio-net in a process with all others of its"
                + " host, each on a thread of its own that sleeps while there is nothing to do. It"
                + " has no kernel, so what a real guest costs itself is not in the figures.",
            "Throughput is what reaches the other host, in datagrams that fill a frame, 32 on their"
                + " way for each pair, with a short answer for each eight. Real guests send"
                + " super-frames by TCP, which get further for each system call.",
            "Latency is a closed loop: each microVM sends a message when the answer to the last one"
                + " has come. Messages are those answered.",
            "The time a cache line takes between two processors is measured before and after each"
                + " point and stands beside it.",
            "Frames are counted at both ends, drops by the sidecars and by the kernel: sent ="
                + " received + dropped."));
  }

  private static String counts(Map<String, ? extends Number> counts) {
    List<String> words = new ArrayList<>();
    counts.forEach((name, count) -> words.add(name + " " + count));
    return String.join(", ", words);
  }

  private static String number(double value) {
    String format = value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : value >= 1 ? "%.2f" : "%.3f";
    return String.format(Locale.ROOT, format, value);
  }
}
