package dev.outboard.integration.figures;

import dev.outboard.integration.statistics.Statistics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * What it costs that a message no longer fits in one frame: figure 4. Immutable; written to the
 * JSON as it is.
 *
 * @param from the message that fits
 * @param to the message that does not
 * @param latency median round trip of the longer to that of the shorter, of the same round
 * @param messages messages a second, likewise
 */
public record SizeStep(
    String arm,
    String configuration,
    String from,
    String to,
    FigureValue.Share latency,
    FigureValue.Share messages) {

  private record Way(String arm, String configuration, String from) {}

  /** Each load of figure 4 but the first of its kind is a step from that first. */
  static List<SizeStep> of(List<Cell> cells, List<Point> points, RandomGenerator random) {
    Map<Way, List<String>> ways = new LinkedHashMap<>();
    for (Cell cell : cells) {
      if (cell.load().figure() == FigureLoad.SIZES) {
        String first = cell.load().needsGuests() ? "TCP" : "UDP";
        ways.computeIfAbsent(
                new Way(cell.arm().label(), cell.configuration().label(), first),
                _ -> new ArrayList<>())
            .add(cell.load().name());
      }
    }
    List<SizeStep> steps = new ArrayList<>();
    ways.forEach(
        (way, loads) -> {
          for (String load : loads.subList(1, loads.size())) {
            step(way, loads.getFirst(), load, points, random, steps);
          }
        });
    return steps;
  }

  private static void step(
      Way way,
      String from,
      String to,
      List<Point> points,
      RandomGenerator random,
      List<SizeStep> steps) {
    List<Double> latency = new ArrayList<>();
    List<Double> messages = new ArrayList<>();
    Map<Integer, Point> shorter = rounds(way, from, points);
    rounds(way, to, points)
        .forEach(
            (round, longer) -> {
              Point other = shorter.get(round);
              if (other != null && other.p50Us() > 0 && other.messagesPerS() > 0) {
                latency.add(longer.p50Us() / other.p50Us());
                messages.add(longer.messagesPerS() / other.messagesPerS());
              }
            });
    if (!latency.isEmpty()) {
      steps.add(
          new SizeStep(
              way.arm(),
              way.configuration(),
              from,
              to,
              share(latency, random),
              share(messages, random)));
    }
  }

  private static Map<Integer, Point> rounds(Way way, String load, List<Point> points) {
    Map<Integer, Point> rounds = new LinkedHashMap<>();
    for (Point point : points) {
      if (point.arm().equals(way.arm())
          && point.configuration().equals(way.configuration())
          && point.load().equals(load)
          && point.figure() == FigureLoad.SIZES) {
        rounds.put(point.round(), point);
      }
    }
    return rounds;
  }

  private static FigureValue.Share share(List<Double> ratios, RandomGenerator random) {
    Statistics.Interval interval = Statistics.bootstrap(ratios, random);
    return new FigureValue.Share(
        interval.median(), interval.low(), interval.high(), interval.count());
  }
}
