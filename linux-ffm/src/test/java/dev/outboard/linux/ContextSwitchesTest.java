package dev.outboard.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** A thread that waits gives its processor away; one that computes for a moment does not. */
final class ContextSwitchesTest {
  private final ContextSwitches switches = new ContextSwitches();

  @Test
  void waitingIsCounted() throws InterruptedException {
    long before = switches.count();
    for (int i = 0; i < 5; i++) {
      Thread.sleep(1);
    }
    assertTrue(switches.count() >= before + 5);
  }

  @Test
  void anUndisturbedMomentIsNot() {
    int undisturbed = 0;
    for (int i = 0; i < 1000; i++) {
      long before = switches.count();
      undisturbed += switches.count() == before ? 1 : 0;
    }
    assertTrue(undisturbed > 900, () -> "a kernel that switches at each call");
    assertEquals(0, switches.count() >>> 48);
  }
}
