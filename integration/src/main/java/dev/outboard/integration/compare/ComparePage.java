package dev.outboard.integration.compare;

import dev.outboard.integration.report.Factors;
import dev.outboard.integration.report.Page;
import dev.outboard.integration.report.Plot;
import dev.outboard.integration.report.Plot.Axis;
import dev.outboard.integration.report.Plot.Point;
import dev.outboard.integration.report.Plot.Series;
import dev.outboard.integration.report.Section;
import dev.outboard.integration.statistics.Statistics;
import dev.outboard.integration.statistics.Verdict;
import dev.outboard.integration.wire.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** Tells a comparison to people who were not there. Pure functions; any thread. */
public final class ComparePage {
  private static final int SEED = 42;
  private static final double MEGA = 1e6;

  /** Above this share of a processor, other work is part of the figures. */
  private static final double BUSY = 0.2;

  private static final String PAPER =
      "The paper (section 2.2, two 32-core hosts, 100 Gbit/s, Firecracker): with one VM, round"
          + " trips took 600 % longer between VMs on two hosts, and 350 % longer between a VM and a"
          + " bare host, than between bare hosts. Its ways are nearest to the arms vmm-tap and host"
          + " here; its machines, guests and tools were others.";

  private ComparePage() {}

  /** Lays it out. */
  public static Page of(Report report) {
    List<Findings.Finding> findings = Findings.of(report);
    List<Section> sections = new ArrayList<>();
    sections.add(
        new Section.Verdicts(
            "Verdicts", findings.stream().map(Findings.Finding::verdict).toList()));
    sections.add(ways(report));
    sections.add(latencies("Round trips, one frame on the way", report, Turn::rttUs));
    if (report.host().requestsPerSAtLoad() != null) {
      String title =
          "Round trips at a fixed rate, %d a second".formatted(report.host().requestsPerSAtLoad());
      sections.add(latencies(title, report, Turn::rttAtLoadUs));
    }
    for (ArmReport other : report.arms().subList(1, report.arms().size())) {
      sections.add(factors(report, other, findings));
    }
    sections.add(figures(report));
    sections.add(ratios(report));
    sections.add(setUp(report.host()));
    sections.add(method(report));
    String arms = report.arms().stream().map(ArmReport::name).collect(Collectors.joining(", "));
    return new Page(
        "Outboard: " + arms + " compared",
        summary(report, findings),
        sections,
        Json.api().valueToTree(report));
  }

  private static boolean isTwoHosts(Report report) {
    return report.arms().getFirst().topology().equals(Topology.TWO_HOST.label());
  }

  private static String summary(Report report, List<Findings.Finding> findings) {
    Host host = report.host();
    String where =
        isTwoHosts(report) ? "on two hosts, which are namespaces of this machine," : "on one host";
    String text =
        "Two guests %s sent each other the same frames over %d ways in turns, %d rounds of them, on"
            + " a machine of %d processors (%s). ";
    long better = count(findings, Verdict.Kind.BETTER);
    long worse = count(findings, Verdict.Kind.WORSE);
    String busy =
        host.idleCpus() > BUSY
            ? format(
                " Other work took %.1f processors while no load ran: don't trust these figures.",
                host.idleCpus())
            : "";
    return text.formatted(where, report.arms().size(), host.rounds(), host.cpus(), host.cpu())
        + format(
            "Of %d comparisons of %s with the others, %d speak for it, %d against it, and %d show"
                + " no difference.",
            findings.size(),
            report.arms().getFirst().name(),
            better,
            worse,
            findings.size() - better - worse)
        + busy;
  }

  private static long count(List<Findings.Finding> findings, Verdict.Kind kind) {
    return findings.stream().filter(finding -> finding.verdict().kind() == kind).count();
  }

  private static Section ways(Report report) {
    boolean twoHosts = isTwoHosts(report);
    return new Section.Table(
        "What was compared",
        List.of("Arm", "Way of a frame", "Threads", "Copies of each byte"),
        report.arms().stream()
            .map(
                arm ->
                    List.of(
                        arm.name(),
                        Way.of(arm.name()).words(),
                        report.host().threads().getOrDefault(arm.name(), ""),
                        twoHosts
                            ? Way.of(arm.name()).copiesBetween()
                            : Way.of(arm.name()).copies()))
            .toList(),
        "Copies are what the design says of payload, from the sender's memory to the receiver's;"
            + " they were not measured. Offloads: none was used; each frame fits the MTU and"
            + " leaves as the guest wrote it. Guests are stand-ins that have memory, rings and a"
            + " driver of their own.");
  }

  private static Plot latencies(String title, Report report, Function<Turn, Turn.Rtt> times) {
    return new Plot(
        title,
        new Axis("One in so many took longer (2: p50, 10: p90, 100: p99, 1000: p99.9)", true),
        new Axis("Round trip, us", true),
        report.arms().stream()
            .map(
                arm -> {
                  List<Turn.Rtt> all =
                      arm.rounds().stream().map(times).filter(Objects::nonNull).toList();
                  return new Series(
                      arm.name(),
                      List.of(
                          point(2, all, Turn.Rtt::p50),
                          point(10, all, Turn.Rtt::p90),
                          point(100, all, Turn.Rtt::p99),
                          point(1000, all, Turn.Rtt::p999)),
                      Way.of(arm.name()).isBaseline());
                })
            .toList(),
        List.of(
            "Points are medians over the rounds, with their 95 % bootstrap intervals. Lower is"
                + " faster.",
            PAPER));
  }

  private static Point point(double in, List<Turn.Rtt> all, ToDoubleFunction<Turn.Rtt> percentile) {
    if (all.isEmpty()) {
      return Point.of(in, Double.NaN);
    }
    Statistics.Interval interval =
        Statistics.bootstrap(all.stream().mapToDouble(percentile).toArray(), new Random(SEED));
    return new Point(in, interval.median(), interval.low(), interval.high());
  }

  private static Factors factors(Report report, ArmReport other, List<Findings.Finding> findings) {
    String first = report.arms().getFirst().name();
    return new Factors(
        first + " beside " + other.name(),
        "%s / %s, times".formatted(first, other.name()),
        findings.stream()
            .filter(finding -> finding.other().equals(other.name()))
            .map(ComparePage::factor)
            .toList(),
        List.of(
            "Medians of pairs of the same round and core-to-core state, with 95 % bootstrap"
                + " intervals; the state with the most pairs.",
            "The mark says for whom it speaks: of times, less is better."));
  }

  private static Factors.Factor factor(Findings.Finding finding) {
    Statistics.Interval ratio = finding.comparison().ratio();
    return new Factors.Factor(
        "%s (%s)".formatted(finding.metric().words().name(), finding.state().label()),
        ratio.median(),
        ratio.low(),
        ratio.high(),
        finding.verdict().kind());
  }

  private static Section figures(Report report) {
    List<List<String>> rows = new ArrayList<>();
    for (ArmReport arm : report.arms()) {
      rows.add(
          List.of(
              arm.name(),
              format("%.2f", arm.rttUs().p50()),
              format("%.2f", arm.rttUs().p99()),
              format("%.0f", arm.roundTripsPerS()),
              format("%.3f", arm.framesPerS() / MEGA),
              format("%.3f", arm.framesPerS1518() / MEGA),
              format("%.2f", arm.gbitPerS()),
              format("%.3f", arm.framesPerCpuS() / MEGA),
              format("%.3f", arm.gbPerCpuS()),
              format("%d", arm.sent()),
              format("%d", arm.received()),
              arm.drops().isEmpty() ? "none" : join(arm.drops()),
              format("%d", arm.unaccounted()),
              format("%d", arm.corrupt())));
    }
    return new Section.Table(
        "Figures of each arm",
        List.of(
            "Arm",
            "Round trip p50, us",
            "p99, us",
            "Round trips/s",
            "Mframes/s 64 B",
            "Mframes/s 1518 B",
            "Gbit/s 1518 B",
            "Mframes/CPU s 64 B",
            "GB/CPU s 1518 B",
            "Frames sent",
            "Received",
            "Drops",
            "Unaccounted",
            "Corrupt"),
        rows,
        "Medians over the rounds; frames are sums. Unaccounted is sent - received - drops, and"
            + " anything but 0 is an error of the measurement or of a way.");
  }

  private static Section ratios(Report report) {
    return new Section.Table(
        "Ratios by core-to-core state",
        List.of("Figure", "Of", "To", "State", "Median", "95 % interval", "Pairs"),
        report.ratios().stream()
            .map(
                ratio ->
                    List.of(
                        ratio.metric(),
                        ratio.of(),
                        ratio.to(),
                        ratio.state().label(),
                        format("%.2f", ratio.median()),
                        format("[%.2f, %.2f]", ratio.low95(), ratio.high95()),
                        format("%d", ratio.pairs())))
            .toList(),
        "In figures named rtt less is better, in all others more.");
  }

  private static Section setUp(Host host) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("Started", host.started()));
    rows.add(List.of("Outboard", host.outboard()));
    rows.add(List.of("Kernel", host.kernel()));
    rows.add(List.of("Processor", host.cpu()));
    rows.add(List.of("Processors", format("%d", host.cpus())));
    rows.add(List.of("JDK", host.jdk()));
    rows.add(List.of("Rounds", format("%d", host.rounds())));
    rows.add(List.of("Length of a load", format("%.2f s", host.seconds())));
    rows.add(List.of("Entries of a ring", format("%d", host.ring())));
    rows.add(List.of("Frames on the way at most", format("%d", host.window())));
    rows.add(List.of("Processors busy while no load ran", format("%.2f", host.idleCpus())));
    rows.add(List.of("Loads by core-to-core state", join(host.coreStates())));
    if (host.dpdkDriver() != null) {
      rows.add(List.of("DPDK's driver", host.dpdkDriver()));
    }
    if (host.linkRate() != null) {
      rows.add(List.of("Link limited to", host.linkRate()));
    }
    return new Section.Table("Set-up", List.of("What", "Here"), rows, "");
  }

  private static Section method(Report report) {
    List<String> paragraphs = new ArrayList<>();
    paragraphs.add(
        "A round gives each arm one turn, in an order drawn anew. A turn has a load of one frame of"
            + " 64 bytes there and back, and loads of frames of 64 and of 1518 bytes one way;"
            + " between two hosts also round trips at a fixed rate, timed from when each was due.");
    paragraphs.add(
        "On shared machines a cache line takes some 50, 110 or 540 ns from one processor to the"
            + " other and back, which changes within seconds and moves all figures of two threads."
            + " It is measured before and after each load (below 75 ns fast, below 250 medium,"
            + " else slow; mixed if it changed), and arms are compared in pairs of the same round"
            + " and state only.");
    paragraphs.add(
        "A verdict needs p < 0.01 in a permutation test on the pairs, after Holm's correction for"
            + " the number of comparisons on this page. 'No difference shown' does not show that"
            + " there is none; few rounds show little.");
    paragraphs.add(
        "CPU is the work of the whole machine during a load, polling included, less what it does"
            + " while no load runs. Frames are counted by the guests, the sidecars and the"
            + " kernel.");
    if (isTwoHosts(report)) {
      paragraphs.add(
          "The hosts are network namespaces of one machine, joined by a veth pair, and share its"
              + " processors: what one saves the other takes. So the work of a frame says more than"
              + " frames in a second.");
    }
    return new Section.Text("Method", paragraphs);
  }

  private static String join(Map<String, ? extends Number> counts) {
    return counts.entrySet().stream()
        .map(count -> count.getKey() + " " + count.getValue())
        .collect(Collectors.joining(", "));
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
