package dev.outboard.engine.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** A worker polls as long as it pays. */
class PatienceTest {
  private static final long LIMIT = 50_000;

  @Test
  void shortRestsRaiseItToTheLimit() {
    Patience patience = new Patience(LIMIT);
    for (int i = 0; i < 10; i++) {
      patience.rested(LIMIT - 1);
    }
    assertEquals(LIMIT, patience.nanos());
  }

  @Test
  void longRestsLowerItToNothing() {
    Patience patience = new Patience(LIMIT);
    for (int i = 0; i < 10; i++) {
      patience.rested(LIMIT);
    }
    assertEquals(0, patience.nanos());
  }

  @Test
  void oneShortRestIsEnoughToBeginAgain() {
    Patience patience = new Patience(LIMIT);
    patience.rested(LIMIT);
    patience.rested(LIMIT);
    patience.rested(1);
    assertTrue(patience.nanos() > 0);
  }

  @Test
  void aLimitOfNothingMeansNoPolling() {
    Patience patience = new Patience(0);
    patience.rested(0);
    patience.rested(1);
    assertEquals(0, patience.nanos());
  }
}
