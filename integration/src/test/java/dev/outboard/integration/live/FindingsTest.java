package dev.outboard.integration.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.integration.statistics.Verdict;
import dev.outboard.integration.wire.Json;
import dev.outboard.integration.wire.RoundTrips;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

/** What is made of rounds: which pairs count, what is compared, what is said. */
final class FindingsTest {
  private static final List<Double> FAST = List.of(50.0, 60.0);
  private static final List<Double> CHANGED = List.of(50.0, 500.0);
  private static final List<String> ALL = List.of("a", "b");
  private static final LiveHost HOST =
      new LiveHost("1", "then", "6", "cpu", 2, "25", "epoll", "shared", 1);

  @Test
  void theMedianRoundTripDecidesAndTheOthersAreCorrected() {
    List<Pair> pairs =
        IntStream.range(0, 12)
            .mapToObj(i -> pair(round(i, 0, FAST, traffic(50)), round(i, 1, FAST, traffic(100))))
            .toList();
    LiveResult result = result(pairs, false);
    LiveResult.Finding first = result.verdicts().getFirst();
    assertEquals("x: rtt p50 2.00 times lower than y, 95 % CI 2.00-2.00", first.text());
    assertEquals(Verdict.Kind.BETTER, first.kind());
    assertEquals(2.0 / 4096, first.p());
    LiveResult.Finding p99 = result.verdicts().get(1);
    assertEquals("rtt p99", p99.metric());
    // Four are asked besides: p99, throughput, both kinds of work; none was dropped or sent again.
    assertEquals(4 * 2.0 / 4096, p99.p());
    assertEquals(5, result.verdicts().size());
    // Each of 12 rounds worked half a second for 200 kB.
    JsonNode arm = Json.api().valueToTree(result).path("arms").path(0);
    assertEquals(2500, arm.at("/cpu_s_per_gb/sidecar").asDouble(), 0.001);
    assertEquals(0.0016, arm.path("gbit_per_s").asDouble(), 1e-9);
  }

  @Test
  void whatHappenedOnOneArmOnlyIsComparedToo() {
    List<Pair> pairs =
        IntStream.range(0, 12)
            .mapToObj(i -> pair(round(i, 0, FAST, traffic(50)), round(i, 1, FAST, lossy())))
            .toList();
    LiveResult result = result(pairs, false);
    assertEquals(Verdict.Kind.BETTER, find(result, "retransmitted share").kind());
    assertEquals(Verdict.Kind.BETTER, find(result, "dropped share").kind());
    assertEquals(Map.of("stalled", 120L), result.arms().get(1).drops());
    assertEquals(240, result.arms().get(1).retransmissions());
  }

  @Test
  void pairsWhoseRoundsMetDifferentStatesAreLeftOut() {
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      pairs.add(pair(round(i, 0, FAST, traffic(50)), round(i, 1, FAST, traffic(50))));
    }
    pairs.add(pair(round(8, 0, CHANGED, traffic(9000)), round(8, 1, FAST, traffic(50))));
    pairs.add(
        pair(round(9, 0, FAST, traffic(50)), round(9, 1, List.of(500.0, 500.0), traffic(9000))));
    LiveResult result = result(pairs, false);
    assertEquals(8, result.pairs());
    assertEquals(2, result.leftOut());
    assertEquals(Map.of("fast", 18, "mixed", 1, "slow", 1), result.coreStates());
    assertEquals(1, result.verdicts().getFirst().ratio());
    assertEquals(20, result.rounds().size());
    assertFalse(result.rounds().getLast().compared());
  }

  @Test
  void halvesMakeOneFigureAndWorkIsNobodys() {
    Pair pair =
        new Pair(
            List.of(
                half(0, 0, "a", traffic(10)),
                half(0, 1, "b", traffic(90)),
                half(1, 1, "a", traffic(20)),
                half(1, 0, "b", traffic(40))));
    assertEquals(Math.sqrt(10 * 40), pair.figure(LiveMetric.RTT_P50, 0), 0.1);
    assertEquals(Math.sqrt(20 * 90), pair.figure(LiveMetric.RTT_P50, 1), 0.1);
    LiveResult result = result(List.of(pair), true);
    assertNull(result.arms().getFirst().cpuSPerGb());
    assertTrue(result.verdicts().stream().noneMatch(f -> f.metric().contains("CPU")));
  }

  @Test
  void aHalfThatIsSilentOnOneArmCountsOnNeither() {
    Pair pair =
        new Pair(
            List.of(
                half(0, 0, "a", traffic(10)),
                half(0, 1, "b", Traffic.NONE),
                half(1, 1, "a", traffic(20)),
                half(1, 0, "b", traffic(40))));
    assertEquals(10, pair.figure(LiveMetric.RTT_P50, 0), 0.1);
    assertEquals(20, pair.figure(LiveMetric.RTT_P50, 1), 0.1);
  }

  @Test
  void whereNoTcpIsSeenNothingIsShown() {
    List<Pair> pairs =
        IntStream.range(0, 9)
            .mapToObj(i -> pair(round(i, 0, FAST, Traffic.NONE), round(i, 1, FAST, Traffic.NONE)))
            .toList();
    LiveResult result = result(pairs, false);
    assertEquals("rtt p50: too few pairs to show anything, 0", result.verdicts().getFirst().text());
    assertNull(result.arms().getFirst().rttUs());
    assertNull(result.noiseFloor().factor());
    assertFalse(LivePage.of(result).sections().isEmpty());
  }

  private static LiveResult.Finding find(LiveResult result, String metric) {
    return result.verdicts().stream()
        .filter(f -> f.metric().equals(metric))
        .findFirst()
        .orElseThrow();
  }

  private static LiveResult result(List<Pair> pairs, boolean split) {
    LiveSettings settings =
        new LiveSettings(ALL, List.of("x", "y"), Duration.ofSeconds(1), pairs.size(), split);
    return LiveResult.of(settings, HOST, pairs);
  }

  private static Pair pair(Round... rounds) {
    return new Pair(List.of(rounds));
  }

  private static Round round(int pair, int arm, List<Double> cores, Traffic traffic) {
    return new Round(pair, 2 * pair + arm, arm, ALL, cores, 1, traffic, 0.5, 1);
  }

  private static Round half(int turn, int arm, String guest, Traffic traffic) {
    return new Round(0, turn, arm, List.of(guest), FAST, 1, traffic, 0.5, 1);
  }

  /** A hundred round trips of so many microseconds; nothing lost. */
  private static Traffic traffic(int micros) {
    Histogram times = RoundTrips.empty();
    times.recordValueWithCount(micros * 1000L, 100);
    return new Traffic(times, 100, 0, 200, 200_000, Map.of());
  }

  private static Traffic lossy() {
    Traffic traffic = traffic(50);
    return new Traffic(
        traffic.roundTrips(), 100, 20, traffic.frames(), traffic.bytes(), Map.of("stalled", 10L));
  }
}
