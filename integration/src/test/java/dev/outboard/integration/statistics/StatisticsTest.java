package dev.outboard.integration.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Medians and their bounds, on data whose answer is known. */
final class StatisticsTest {
  @Test
  void theMedianIsInTheMiddle() {
    assertEquals(0, Statistics.median(List.of()));
    assertEquals(7, Statistics.median(List.of(7.0)));
    assertEquals(2.5, Statistics.median(List.of(4.0, 1.0, 2.0, 3.0)));
    assertEquals(3, Statistics.median(List.of(1e9, 1.0, 3.0)));
  }

  @Test
  void equalValuesAreSure() {
    Statistics.Interval interval = Statistics.bootstrap(List.of(5.0, 5.0, 5.0, 5.0), new Random(1));
    assertEquals(new Statistics.Interval(5, 5, 5, 4), interval);
  }

  @Test
  void theBoundsHoldTheTrueMedianAsOftenAsTheySay() {
    Random random = new Random(7);
    int held = 0;
    int trials = 400;
    for (int trial = 0; trial < trials; trial++) {
      List<Double> sample = new ArrayList<>();
      for (int i = 0; i < 25; i++) {
        sample.add(20 + random.nextGaussian());
      }
      Statistics.Interval interval = Statistics.bootstrap(sample, random);
      assertTrue(interval.low() <= interval.median() && interval.median() <= interval.high());
      held += interval.low() <= 20 && 20 <= interval.high() ? 1 : 0;
    }
    assertTrue(held > 0.90 * trials && held < 0.99 * trials, held + " of " + trials);
  }

  @Test
  void oneWildValueMovesNothing() {
    List<Double> values = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      values.add(20 + i * 0.01);
    }
    values.add(1e6);
    assertTrue(Statistics.bootstrap(values, new Random(3)).high() < 20.3);
  }
}
