package dev.outboard.integration.figures;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.outboard.integration.statistics.Statistics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * One point of a figure, of all its rounds: medians, and how many times the hosts' own figure it
 * is. Immutable; written to the JSON as it is.
 *
 * @param gbitPerS as in {@link Point}; null where messages are counted
 * @param p50Us as in {@link Point}; null where frames flow one way
 * @param messagesPerS answered; null where frames flow one way
 * @param cpus processors of the machine that were busy
 * @param toHost its throughput, or else its median round trip, to that of host-host with as many
 *     pairs in the same round; null if there is none
 * @param messagesToHost its messages a second to those of host-host; null as above
 * @param sent frames of all rounds
 */
public record FigureValue(
    int figure,
    String arm,
    String configuration,
    int vms,
    String load,
    @JsonInclude(JsonInclude.Include.NON_NULL) Double gbitPerS,
    @JsonProperty("p50_us") @JsonInclude(JsonInclude.Include.NON_NULL) Double p50Us,
    @JsonProperty("p99_us") @JsonInclude(JsonInclude.Include.NON_NULL) Double p99Us,
    @JsonInclude(JsonInclude.Include.NON_NULL) Double messagesPerS,
    double cpus,
    @JsonInclude(JsonInclude.Include.NON_NULL) Share toHost,
    @JsonInclude(JsonInclude.Include.NON_NULL) Share messagesToHost,
    Map<String, Integer> coreStates,
    long sent,
    long received,
    Map<String, Long> drops,
    long missing,
    long corrupt) {

  /** A ratio, the median of its rounds with 95 % bounds. */
  public record Share(double ratio, double low95, double high95, int rounds) {
    private static Share of(List<Double> ratios, RandomGenerator random) {
      if (ratios.isEmpty()) {
        return null;
      }
      Statistics.Interval interval = Statistics.bootstrap(ratios, random);
      return new Share(interval.median(), interval.low(), interval.high(), interval.count());
    }
  }

  /**
   * Sums up the rounds of a point.
   *
   * @param points its rounds
   * @param host host-host under the same load with as many pairs, by round
   */
  static FigureValue of(List<Point> points, Map<Integer, Point> host, RandomGenerator random) {
    Point any = points.getFirst();
    boolean stream = any.gbitPerS() != null;
    Function<Point, Double> main = stream ? Point::gbitPerS : Point::p50Us;
    Map<String, Integer> states = new TreeMap<>();
    Map<String, Long> drops = new TreeMap<>();
    for (Point point : points) {
      states.merge(point.coreState().label(), 1, Integer::sum);
      point.drops().forEach((reason, count) -> drops.merge(reason, count, Long::sum));
    }
    return new FigureValue(
        any.figure(),
        any.arm(),
        any.configuration(),
        any.vms(),
        any.load(),
        stream ? median(points, Point::gbitPerS) : null,
        stream ? null : median(points, Point::p50Us),
        stream ? null : median(points, Point::p99Us),
        stream ? null : median(points, Point::messagesPerS),
        median(points, point -> point.cpuBusyS() / point.wallS()),
        Share.of(ratios(points, host, main), random),
        stream ? null : Share.of(ratios(points, host, Point::messagesPerS), random),
        states,
        points.stream().mapToLong(Point::sent).sum(),
        points.stream().mapToLong(Point::received).sum(),
        drops,
        points.stream().mapToLong(Point::missing).sum(),
        points.stream().mapToLong(Point::corrupt).sum());
  }

  private static double median(List<Point> points, Function<Point, Double> value) {
    return Statistics.median(points.stream().map(value).filter(Objects::nonNull).toList());
  }

  /**
   * Of rounds in which both were measured and both got something through; host-host's own are all
   * 1, which says nothing, so they are left out.
   */
  private static List<Double> ratios(
      List<Point> points, Map<Integer, Point> host, Function<Point, Double> value) {
    List<Double> ratios = new ArrayList<>();
    for (Point point : points) {
      Point other = host.get(point.round());
      if (other != null && !other.equals(point) && value.apply(other) > 0) {
        ratios.add(value.apply(point) / value.apply(other));
      }
    }
    return ratios;
  }
}
