package dev.outboard.transport.kerneltcp.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** How long idle connections are worth their keep, after some requests. */
class LearnedSizingTest {
  private static final long SECOND = 1_000_000_000L;

  private final LearnedSizing sizing = new LearnedSizing(0.99, 16);
  private long now = SECOND;

  private void request(double gapSeconds) {
    now += (long) (gapSeconds * SECOND);
    sizing.rose(now, sizing.idleWanted(now) > 0);
    now += SECOND / 10;
    sizing.fell(now);
  }

  private int wantedAfter(double seconds) {
    return sizing.idleWanted(now + (long) (seconds * SECOND));
  }

  @Test
  void whatComesBackInTimeIsKeptUntilThen() {
    for (int i = 0; i < 2000; i++) {
      request(63);
    }
    assertEquals(1, wantedAfter(63));
  }

  @Test
  void andNotMuchLonger() {
    for (int i = 0; i < 2000; i++) {
      request(63);
    }
    assertEquals(0, wantedAfter(63 * 1.2));
  }

  @Test
  void rareGapsAreNotWaitedFor() {
    Random random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      request(random.nextInt(200) == 0 ? 600 : 0.05);
    }
    assertEquals(1, wantedAfter(0.05));
    assertEquals(0, wantedAfter(5));
  }

  @Test
  void aHigherHitRateKeepsLonger() {
    LearnedSizing strict = new LearnedSizing(0.999, 16);
    Random random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      now += (long) (0.1 * SECOND / (1 - random.nextDouble()));
      for (LearnedSizing each : new LearnedSizing[] {sizing, strict}) {
        each.rose(now, each.idleWanted(now) > 0);
        each.fell(now);
      }
    }
    // Of these Pareto gaps 1 % are above 10 s and 0.1 % above 100 s.
    assertEquals(10, limit(sizing), 5);
    assertEquals(100, limit(strict), 50);
  }

  private double limit(LearnedSizing each) {
    double seconds = 0;
    while (each.idleWanted(now + (long) (seconds * SECOND)) > 0) {
      seconds += 0.05;
    }
    return seconds;
  }

  @Test
  void saysWhenItsAnswerChanges() {
    for (int i = 0; i < 200; i++) {
      request(2);
    }
    long change = sizing.nextChange(now);
    assertEquals(1, sizing.idleWanted(change - 1));
    assertEquals(0, sizing.idleWanted(change));
    assertEquals(Long.MAX_VALUE, sizing.nextChange(change));
  }

  @Test
  void aHitRateIsAShare() {
    assertThrows(IllegalArgumentException.class, () -> new LearnedSizing(1, 16));
    assertThrows(IllegalArgumentException.class, () -> new LearnedSizing(0, 16));
  }

  @Test
  void missesAreSpentWhereTheySaveMost() {
    GapHistogram shortGaps = new GapHistogram();
    GapHistogram longGaps = new GapHistogram();
    for (int i = 0; i < 1000; i++) {
      shortGaps.add(0.1 * SECOND);
      longGaps.add(i < 20 ? 100.0 * SECOND : 0.1 * SECOND);
    }
    KeepCurves curves = new KeepCurves(2);
    curves.load(new GapHistogram[] {shortGaps, longGaps});
    long[] limits = new long[2];
    curves.limits(0.02, limits);
    assertTrue(limits[0] >= SECOND / 10 && limits[0] < SECOND, "kept: " + limits[0]);
    assertTrue(limits[1] < 100 * SECOND, "given up: " + limits[1]);
    curves.limits(0.001, limits);
    assertTrue(limits[1] >= 100 * SECOND, "must be kept: " + limits[1]);
  }
}
