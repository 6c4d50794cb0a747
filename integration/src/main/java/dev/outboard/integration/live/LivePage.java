package dev.outboard.integration.live;

import dev.outboard.integration.report.Factors;
import dev.outboard.integration.report.Page;
import dev.outboard.integration.report.Plot;
import dev.outboard.integration.report.Section;
import dev.outboard.integration.statistics.Verdict;
import dev.outboard.integration.wire.Json;
import dev.outboard.integration.wire.RoundTrips;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;

/** A live comparison as a page for who was not there. Pure functions. */
public final class LivePage {
  private static final double NANOS_PER_MICRO = 1000;
  private static final String MICROS = "round trip, µs";

  /** Round trips of each thousand that may be longer, from half of them down. */
  private static final List<Double> TAILS =
      List.of(500.0, 400.0, 300.0, 200.0, 100.0, 50.0, 20.0, 10.0, 5.0, 2.0, 1.0, 0.5, 0.1);

  private LivePage() {}

  /** Lays it out. */
  public static Page of(LiveResult result) {
    List<Section> sections = new ArrayList<>();
    sections.add(verdicts(result));
    sections.add(factors(result));
    sections.add(arms(result));
    sections.add(distribution(result));
    sections.add(turns(result));
    sections.add(setUp(result));
    sections.add(method(result));
    return new Page(
        String.join(" against ", names(result)) + ", under live traffic",
        summary(result),
        sections,
        Json.api().valueToTree(result));
  }

  private static List<String> names(LiveResult result) {
    return result.arms().stream().map(LiveResult.Arm::name).toList();
  }

  private static String summary(LiveResult result) {
    return "%s. %d pairs of turns of %s s were compared%s."
        .formatted(
            result.verdicts().getFirst().text(),
            result.pairs(),
            number(result.settings().periodS()),
            result.leftOut() == 0
                ? ""
                : ", " + result.leftOut() + " left out because the machine changed meanwhile");
  }

  private static Section verdicts(LiveResult result) {
    return new Section.Verdicts(
        "What is shown",
        result.verdicts().stream().map(f -> new Verdict(f.text(), f.kind())).toList());
  }

  private static Section factors(LiveResult result) {
    return new Factors(
        "%s by %s".formatted(names(result).getFirst(), names(result).getLast()),
        "ratio, median of pairs with a 95 % interval",
        result.verdicts().stream()
            .filter(f -> f.pairs() > 0)
            .map(f -> new Factors.Factor(f.metric(), f.ratio(), f.low95(), f.high95(), f.kind()))
            .toList(),
        List.of(noise(result.noiseFloor())));
  }

  private static String noise(LiveResult.Noise noise) {
    return noise.factor() == null
        ? "How much chance alone does is not known: too few figures."
        : "Chance alone moves the median round trip by a factor of up to %s; %s."
            .formatted(
                number(noise.factor()),
                noise.smallestEffect() == null
                    ? "not even one of 16 would be found 95 times of 100"
                    : "one of %s is found 95 times of 100"
                        .formatted(number(noise.smallestEffect())));
  }

  private static Section arms(LiveResult result) {
    List<List<String>> rows = new ArrayList<>();
    for (LiveResult.Arm arm : result.arms()) {
      LiveResult.RoundTripTimes rtt = arm.rttUs();
      LiveResult.Cpu cpu = arm.cpuSPerGb();
      rows.add(
          List.of(
              arm.name(),
              rtt == null ? "-" : number(rtt.p50()),
              rtt == null ? "-" : number(rtt.p90()),
              rtt == null ? "-" : number(rtt.p99()),
              rtt == null ? "0" : "" + rtt.count(),
              number(arm.gbitPerS()),
              "" + arm.segments(),
              "" + arm.retransmissions(),
              cpu == null ? "-" : number(cpu.sidecar()),
              cpu == null ? "-" : number(cpu.machine()),
              arm.drops().isEmpty() ? "none" : counts(arm.drops())));
    }
    return new Section.Table(
        "Arms",
        List.of(
            "arm",
            "rtt µs p50",
            "p90",
            "p99",
            "round trips",
            "Gbit/s",
            "TCP segments",
            "sent again",
            "sidecar CPU s/GB",
            "machine CPU s/GB",
            "drops"),
        rows,
        "All turns of an arm together; verdicts and ratios are made of pairs of turns instead."
            + " Throughput counts frames that the guests sent and were given.");
  }

  private static Section distribution(LiveResult result) {
    List<Plot.Series> series = new ArrayList<>();
    for (LiveResult.Arm arm : result.arms()) {
      Histogram times = RoundTrips.decode(arm.histogram());
      List<Plot.Point> points = new ArrayList<>();
      for (double tail : TAILS) {
        if (times.getTotalCount() * tail >= 1000) {
          double longest = times.getValueAtPercentile(100 - tail / 10) / NANOS_PER_MICRO;
          points.add(Plot.Point.of(1000 / tail, longest));
        }
      }
      series.add(new Plot.Series(arm.name(), points, !series.isEmpty()));
    }
    return new Plot(
        "Round trips from the median to the slowest",
        new Plot.Axis("one round trip in so many takes longer", true),
        new Plot.Axis(MICROS, true),
        series,
        List.of("2 is the median, 100 the 99th percentile."));
  }

  private static Section turns(LiveResult result) {
    List<Plot.Series> series = new ArrayList<>();
    for (String arm : names(result)) {
      List<Plot.Point> points =
          result.rounds().stream()
              .filter(round -> round.compared() && round.arm().equals(arm) && round.p50Us() != null)
              .map(round -> Plot.Point.of(round.turn() + 1, round.p50Us()))
              .toList();
      series.add(new Plot.Series(arm, points, !series.isEmpty()));
    }
    return new Plot(
        "The median round trip of each turn",
        new Plot.Axis("turn", false),
        new Plot.Axis(MICROS, true),
        series,
        List.of());
  }

  private static Section setUp(LiveResult result) {
    LiveHost host = result.host();
    LiveResult.Settings settings = result.settings();
    return new Section.Table(
        "Set-up",
        List.of("what", "value"),
        List.of(
            List.of("guests", String.join(", ", settings.guests())),
            List.of(
                "how",
                settings.split() ? "one half on each arm, in turns" : "all on one arm, in turns"),
            List.of("period", number(settings.periodS()) + " s, the first tenth not counted"),
            List.of("pairs", result.pairs() + " compared, " + result.leftOut() + " left out"),
            List.of("core-to-core states met", counts(result.coreStates())),
            List.of("outboard", host.outboard()),
            List.of("begun", host.started()),
            List.of("kernel", host.kernel()),
            List.of("processors", host.cpus() + ", " + host.cpu()),
            List.of("JDK", host.jdk()),
            List.of("notifier", host.notifier()),
            List.of("isolation", host.isolation() + ", workers " + host.workers())),
        "");
  }

  private static Section method(LiveResult result) {
    return new Section.Text(
        "How it was measured",
        List.of(
            "The guests ran, and sent what they had to send: nothing was added, and no packet was"
                + " changed. Their frames took one arm and the other in turns, by swaps of the"
                + " running sidecar, in pairs whose order was drawn.",
            "A round trip is the time from when the sidecar takes a segment of TCP from a guest to"
                + " when it gives the guest the acknowledgment. What lies between is the way and"
                + " the other end; the guest's own stack is not in it.",
            "Each pair gives a ratio. Whether their median could be chance is asked by a"
                + " permutation test (each ratio could have been the other way round, as the order"
                + " was drawn); below p = 0.01 a difference counts as shown. The median round trip"
                + " decides; the other figures are corrected for their number (Holm).",
            "The time a cache line takes between two processors is measured before and after each"
                + " turn. Pairs whose turns met different states of the machine are not compared.",
            result.settings().arms().contains(LiveSettings.LOCAL)
                ? "On 'local' a payload byte between guests of the host is copied once; on the"
                    + " other arm such frames left by the uplink."
                : "Frames between guests of the host took the way they have otherwise."));
  }

  private static String counts(Map<String, ? extends Number> counts) {
    return counts.entrySet().stream()
        .map(count -> count.getKey() + " " + count.getValue())
        .collect(Collectors.joining(", "));
  }

  private static String number(double value) {
    String format = value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : value >= 1 ? "%.2f" : "%.3f";
    return String.format(Locale.ROOT, format, value);
  }
}
