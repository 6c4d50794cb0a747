package dev.outboard.bench.peers;

import dev.outboard.integration.report.Factors;
import dev.outboard.integration.report.Page;
import dev.outboard.integration.report.Plot;
import dev.outboard.integration.report.Section;
import dev.outboard.integration.statistics.Statistics;
import dev.outboard.integration.statistics.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The comparison as a page for who was not there. Pure functions. */
final class PeersPage {
  private static final double MILLION = 1e6;
  private static final Plot.Axis BYTES = new Plot.Axis("bytes of a frame", true);
  private static final Plot.Axis FRAMES = new Plot.Axis("million frames a second", true);

  private PeersPage() {}

  /** Lays it out. */
  static Page of(PeersReport report) {
    List<Section> sections = new ArrayList<>();
    for (Shape shape : Shape.values()) {
      List<Cell> cells = report.cells().stream().filter(cell -> cell.shape() == shape).toList();
      if (!cells.isEmpty()) {
        sections.add(factors(report, shape, cells));
      }
      if (cells.size() > 1) {
        sections.add(rates(report, shape, cells));
      }
    }
    sections.add(values(report));
    sections.add(
        new Section.Text(
            "How it was measured",
            List.of(
                "Two dpdk-testpmd virtio-user ports on processor %d, the switch with all of its threads on %d. "
                        .formatted(report.cpus().first(), report.cpus().second())
                    + "The arms run in turns, in an order that is drawn for each round; only turns"
                    + " in one state of the processors make a pair.",
                "Turns by state of the processors: " + report.states() + ".")));
    return new Page(
        "Frames between two guests of one host",
        "Outboard beside " + String.join(", ", report.peers()) + ", in turns on one processor.",
        sections,
        report.json());
  }

  private static Section factors(PeersReport report, Shape shape, List<Cell> cells) {
    List<Factors.Factor> factors = new ArrayList<>();
    for (Cell cell : cells) {
      for (String peer : report.peers()) {
        Statistics.Interval ratio = report.ratio(cell, peer);
        factors.add(
            new Factors.Factor(
                cell.size() + " B, " + peer,
                ratio.median(),
                ratio.low(),
                ratio.high(),
                kind(ratio)));
      }
    }
    return new Factors(
        "Outboard's rate beside its peers', " + shape.label(),
        "Outboard's frames for each of the peer's",
        factors,
        List.of());
  }

  private static Verdict.Kind kind(Statistics.Interval ratio) {
    if (ratio.low() > 1) {
      return Verdict.Kind.BETTER;
    }
    return ratio.high() < 1 ? Verdict.Kind.WORSE : Verdict.Kind.NONE;
  }

  private static Section rates(PeersReport report, Shape shape, List<Cell> cells) {
    List<Plot.Series> series =
        Stream.concat(Stream.of(OutboardPeer.NAME), report.peers().stream())
            .map(
                arm ->
                    new Plot.Series(
                        arm,
                        cells.stream()
                            .map(c -> Plot.Point.of(c.size(), report.median(c, arm) / MILLION))
                            .toList(),
                        arm.equals(VhostPeer.NAME)))
            .toList();
    return new Plot("Frames a second, " + shape.label(), BYTES, FRAMES, series, List.of());
  }

  private static Section values(PeersReport report) {
    List<List<String>> rows = new ArrayList<>();
    for (Cell cell : report.cells()) {
      for (String peer : report.peers()) {
        Statistics.Interval ratio = report.ratio(cell, peer);
        rows.add(
            List.of(
                cell.shape().label(),
                Integer.toString(cell.size()),
                peer,
                number("%.0f", report.median(cell, OutboardPeer.NAME)),
                number("%.0f", report.median(cell, peer)),
                number("%.2f", ratio.median()),
                number("%.2f", ratio.low()),
                number("%.2f", ratio.high()),
                Integer.toString(ratio.count())));
      }
    }
    return new Section.Table(
        "All cells",
        List.of(
            "shape",
            "bytes",
            "peer",
            "Outboard, 1/s",
            "peer, 1/s",
            "ratio",
            "low",
            "high",
            "rounds"),
        rows,
        "Medians; low and high bound the ratio with 95 %.");
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
