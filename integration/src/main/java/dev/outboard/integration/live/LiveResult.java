package dev.outboard.integration.live;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.outboard.integration.compare.CoreState;
import dev.outboard.integration.statistics.NoiseFloor;
import dev.outboard.integration.statistics.Verdict;
import dev.outboard.integration.wire.RoundTrips;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a live comparison has found, in the shape of its JSON, which {@code docs/compare.md}
 * promises. Immutable.
 *
 * @param coreStates how often each state of the processors was met, by round
 * @param leftOut pairs that were measured and not compared, because that state changed
 * @param verdicts what is to be said; the first is of the median round trip, which decides
 * @param noiseFloor what chance alone makes of the median round trip; infinite where it is unknown
 */
public record LiveResult(
    LiveHost host,
    Settings settings,
    Map<String, Integer> coreStates,
    int pairs,
    int leftOut,
    List<Arm> arms,
    List<Finding> verdicts,
    Noise noiseFloor,
    List<RoundView> rounds) {

  /** What was asked for. */
  public record Settings(
      List<String> guests, List<String> arms, double periodS, int pairs, boolean split) {}

  /**
   * What an arm came to, over the pairs that were compared.
   *
   * @param rttUs left out, if no round trip was seen
   * @param cpuSPerGb seconds of work for 10⁹ bytes; left out where guests were split
   * @param histogram its round trips in nanoseconds, as observations of the API have them
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Arm(
      String name,
      RoundTripTimes rttUs,
      double gbitPerS,
      long segments,
      long retransmissions,
      long frames,
      Map<String, Long> drops,
      @JsonProperty("cpu_s_per_gb") Cpu cpuSPerGb,
      String histogram) {}

  /** Round trips, all of an arm's together, in microseconds. */
  public record RoundTripTimes(
      long count, double p50, double p90, double p99, @JsonProperty("p999") double p999) {}

  /** Seconds of work for 10⁹ bytes that guests sent or were given. */
  public record Cpu(double sidecar, double machine) {}

  /** What two arms are by one figure: the first by the second. */
  public record Finding(
      String metric,
      double ratio,
      double low95,
      double high95,
      int pairs,
      double p,
      Verdict.Kind kind,
      String text) {}

  /** See {@link NoiseFloor}; null: not known, or none. */
  public record Noise(Double factor, Double smallestEffect) {}

  /** A round as it was measured; null where nothing was seen. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record RoundView(
      int pair,
      int turn,
      String arm,
      List<String> guests,
      CoreState state,
      List<Double> coreNs,
      boolean compared,
      double seconds,
      long roundTrips,
      Double p50Us,
      Double p99Us,
      long segments,
      long retransmissions,
      long frames,
      long bytes,
      Map<String, Long> drops,
      double sidecarCpuS,
      double machineCpuS) {}

  static LiveResult of(LiveSettings settings, LiveHost host, List<Pair> all) {
    List<Pair> pairs = all.stream().filter(Pair::isComparable).toList();
    Map<String, Integer> states = new TreeMap<>();
    all.stream()
        .flatMap(pair -> pair.rounds().stream())
        .forEach(round -> states.merge(round.state().label(), 1, Integer::sum));
    List<RoundView> rounds = new ArrayList<>();
    for (Pair pair : all) {
      pair.rounds().forEach(round -> rounds.add(view(settings, pair, round)));
    }
    return new LiveResult(
        host,
        new Settings(
            settings.guests(),
            settings.arms(),
            settings.period().toMillis() / 1000.0,
            settings.pairs(),
            settings.split()),
        states,
        pairs.size(),
        all.size() - pairs.size(),
        List.of(arm(settings, 0, pairs), arm(settings, 1, pairs)),
        Findings.of(settings, pairs),
        noise(NoiseFloor.of(Findings.medians(pairs), pairs.size(), Verdict.ALPHA)),
        rounds);
  }

  private static Noise noise(NoiseFloor floor) {
    return new Noise(finite(floor.factor()), finite(floor.smallestEffect()));
  }

  private static Double finite(double value) {
    return Double.isFinite(value) ? (Double) value : null;
  }

  private static Arm arm(LiveSettings settings, int arm, List<Pair> pairs) {
    Traffic traffic = Traffic.NONE;
    double seconds = 0;
    double sidecar = 0;
    double machine = 0;
    for (Pair pair : pairs) {
      for (Round round : pair.of(arm)) {
        traffic = traffic.plus(round.traffic());
        seconds += round.seconds();
        sidecar += round.sidecarSeconds();
        machine += round.machineSeconds();
      }
    }
    double gigabytes = traffic.bytes() / LiveMetric.GIGA;
    return new Arm(
        settings.label(arm),
        traffic.roundTrips().getTotalCount() == 0
            ? null
            : new RoundTripTimes(
                traffic.roundTrips().getTotalCount(),
                traffic.micros(50),
                traffic.micros(90),
                traffic.micros(99),
                traffic.micros(99.9)),
        seconds == 0 ? 0 : gigabytes * Byte.SIZE / seconds,
        traffic.segments(),
        traffic.retransmissions(),
        traffic.frames(),
        traffic.drops(),
        settings.split() || traffic.bytes() == 0
            ? null
            : new Cpu(sidecar / gigabytes, machine / gigabytes),
        RoundTrips.encode(traffic.roundTrips()));
  }

  private static RoundView view(LiveSettings settings, Pair pair, Round round) {
    Traffic traffic = round.traffic();
    return new RoundView(
        round.pair(),
        round.turn(),
        settings.label(round.arm()),
        round.guests(),
        round.state(),
        round.coreNanos(),
        pair.isComparable(),
        round.seconds(),
        traffic.roundTrips().getTotalCount(),
        finite(traffic.micros(50)),
        finite(traffic.micros(99)),
        traffic.segments(),
        traffic.retransmissions(),
        traffic.frames(),
        traffic.bytes(),
        traffic.drops(),
        round.sidecarSeconds(),
        round.machineSeconds());
  }
}
