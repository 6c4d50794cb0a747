package dev.outboard.integration.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which rounds make a pair, and what the reports make of rounds. */
final class RatioTest {
  private static Turn turn(
      int round, CoreState rtt, CoreState small, CoreState large, double rate, long lost) {
    return new Turn(
        round,
        1,
        List.of(50.0, 50.0, 50.0, 50.0),
        rtt,
        small,
        large,
        null,
        new Turn.Rtt(1, 2, 2, 3),
        null,
        rate,
        rate * 2,
        rate * 3,
        rate * 4,
        new Turn.Work(0.5, 0.25, (long) (rate * 1000)),
        null,
        0.5,
        0.25,
        1_000_000_000,
        100 + lost,
        100,
        lost == 0 ? Map.of() : Map.of("full", lost - 1),
        -1,
        0);
  }

  private static Turn turn(int round, CoreState state, double rate) {
    return turn(round, state, state, state, rate, 0);
  }

  @Test
  void onlyRoundsInOneStateMakeAPair() {
    List<Turn> mine =
        List.of(
            turn(1, CoreState.FAST, 40),
            turn(2, CoreState.FAST, 60),
            turn(3, CoreState.FAST, 1000),
            turn(4, CoreState.SLOW, 9),
            turn(5, CoreState.MIXED, 77));
    List<Turn> theirs =
        List.of(
            turn(1, CoreState.FAST, 2),
            turn(2, CoreState.FAST, 2),
            turn(3, CoreState.SLOW, 2),
            turn(4, CoreState.SLOW, 3),
            turn(5, CoreState.MIXED, 1));
    List<Ratio> ratios = Ratio.of("a", mine, "b", theirs, 0);
    assertEquals(10, ratios.size(), ratios.toString());
    for (Ratio ratio : ratios.subList(0, 4)) {
      assertEquals(new Ratio("a", "b", ratio.metric(), CoreState.FAST, 25, 20, 30, 2), ratio);
    }
    assertEquals(new Ratio("a", "b", "frames_per_s_64", CoreState.SLOW, 3, 3, 3, 1), ratios.get(5));
  }

  @Test
  void eachFigureHasItsOwnState() {
    List<Turn> mine = List.of(turn(1, CoreState.FAST, CoreState.SLOW, CoreState.MIXED, 8, 0));
    List<Turn> theirs = List.of(turn(1, CoreState.FAST, CoreState.MEDIUM, CoreState.MIXED, 4, 0));
    assertEquals(
        List.of(new Ratio("a", "b", "round_trips_per_s", CoreState.FAST, 2, 2, 2, 1)),
        Ratio.of("a", mine, "b", theirs, 0));
  }

  @Test
  void framesThatNobodyCountedAreShown() {
    List<Turn> turns = List.of(turn(1, CoreState.FAST, 10), lossy(), turn(3, CoreState.FAST, 30));
    ArmReport report = ArmReport.of(Arm.TUNTAP, Topology.ONE_HOST, turns, 0.4);
    assertEquals(305, report.sent());
    assertEquals(300, report.received());
    assertEquals(Map.of("full", 4L), report.drops());
    assertEquals(1, report.unaccounted());
    assertEquals(20, report.roundTripsPerS());
    assertEquals(0.4, report.cpuSecondsPerGigabyte(), 1e-9);
    assertEquals(2.5, report.gbPerCpuS(), 1e-9);
    assertEquals(50_000, report.framesPerCpuS(), 1e-6);
    assertNull(report.rttAtLoadUs());
  }

  @Test
  void timesAtLoadAreComparedInTheirOwnState() {
    List<Ratio> ratios = Ratio.of("a", List.of(atLoad(30)), "b", List.of(atLoad(60)), 0);
    assertEquals(
        List.of(
            new Ratio("a", "b", "rtt_at_load_p50", CoreState.SLOW, 0.5, 0.5, 0.5, 1),
            new Ratio("a", "b", "rtt_at_load_p99", CoreState.SLOW, 0.5, 0.5, 0.5, 1)),
        ratios);
    ArmReport report = ArmReport.of(Arm.TUNTAP, Topology.TWO_HOST, List.of(atLoad(30)), 0);
    assertEquals(new Turn.Rtt(30, 60, 60, 90), report.rttAtLoadUs());
    assertEquals("two-host", report.topology());
  }

  private static Turn atLoad(double micros) {
    return new Turn(
        1,
        1,
        List.of(50.0, 50.0, 50.0, 500.0, 500.0),
        CoreState.MIXED,
        CoreState.MIXED,
        CoreState.MIXED,
        CoreState.SLOW,
        new Turn.Rtt(1, 2, 2, 3),
        new Turn.Rtt(micros, 2 * micros, 2 * micros, 3 * micros),
        1,
        1,
        1,
        1,
        new Turn.Work(1, 1, 1),
        new Turn.Work(1, 1, 1),
        1,
        1,
        1,
        1,
        1,
        Map.of(),
        -1,
        0);
  }

  private static Turn lossy() {
    return turn(2, CoreState.FAST, CoreState.FAST, CoreState.FAST, 20, 5);
  }

  @Test
  void statesHaveTheirBounds() {
    assertEquals(CoreState.FAST, CoreState.of(47));
    assertEquals(CoreState.MEDIUM, CoreState.of(75));
    assertEquals(CoreState.MEDIUM, CoreState.of(110));
    assertEquals(CoreState.SLOW, CoreState.of(540));
    assertEquals(CoreState.MIXED, CoreState.between(47, 110));
    assertEquals(CoreState.SLOW, CoreState.between(540, 300));
  }
}
