package dev.outboard.bench.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.bench.rest.RestReport.Turn;
import dev.outboard.integration.compare.CoreState;
import dev.outboard.integration.compare.Cpus;
import java.util.List;
import org.junit.jupiter.api.Test;

class RestReportTest {
  private static Turn turn(int round, boolean calls, long p999, CoreState state) {
    return new Turn(
        round, calls, new RestLoad.Result(calls ? 100 : 0, 1000, 2000, p999, p999), state);
  }

  @Test
  void turnsOfOneRoundAndStateMakePairs() {
    List<Turn> turns =
        List.of(
            turn(1, true, 30_000, CoreState.FAST),
            turn(1, false, 10_000, CoreState.FAST),
            turn(2, true, 90_000, CoreState.SLOW),
            turn(2, false, 10_000, CoreState.FAST));
    RestReport report = new RestReport(turns, 100, 1, new Cpus(0, 1));
    JsonNode json = report.json();
    assertEquals(3, json.at("/p99_9_ratio/median").asDouble(), 1e-9);
    assertEquals(1, json.at("/p99_9_ratio/rounds").asInt());
    assertEquals(60, json.at("/with_calls_us/p99_9").asDouble());
    assertEquals(100, json.at("/answered_per_second").asDouble());
    assertTrue(report.text().contains("3.00 times"), report.text());
  }
}
