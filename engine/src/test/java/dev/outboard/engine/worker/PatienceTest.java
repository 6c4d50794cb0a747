package dev.outboard.engine.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** A worker polls as long as it pays. */
class PatienceTest {
  private static final long LIMIT = 50_000;

  @Test
  void shortSleepsRaiseItToTheLimit() {
    Patience patience = new Patience(LIMIT);
    for (int i = 0; i < 10; i++) {
      patience.slept(LIMIT - 1);
    }
    assertEquals(LIMIT, patience.nanos());
  }

  @Test
  void longSleepsLowerItToNothing() {
    Patience patience = new Patience(LIMIT);
    for (int i = 0; i < 10; i++) {
      patience.slept(LIMIT);
    }
    assertEquals(0, patience.nanos());
  }

  @Test
  void oneShortSleepIsEnoughToBeginAgain() {
    Patience patience = new Patience(LIMIT);
    patience.slept(LIMIT);
    patience.slept(LIMIT);
    patience.slept(1);
    assertTrue(patience.nanos() > 0);
  }

  @Test
  void aLimitOfNothingMeansNoPolling() {
    Patience patience = new Patience(0);
    patience.slept(0);
    patience.slept(1);
    assertEquals(0, patience.nanos());
  }
}
