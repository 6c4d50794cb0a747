package dev.outboard.integration.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Which swaps are ended for their makers. */
final class ForgottenSwapsTest {
  private final BlockingQueue<String> ended = new LinkedBlockingQueue<>();

  @Test
  void aSwapThatNobodyGoesOnWithIsEndedOnce() throws InterruptedException {
    try (ForgottenSwaps swaps = new ForgottenSwaps(Duration.ofMillis(1), ended::add)) {
      swaps.touched("left");
      assertEquals("left", ended.poll(20, TimeUnit.SECONDS));
      swaps.touched("next");
      assertEquals("next", ended.poll(20, TimeUnit.SECONDS));
      assertEquals(0, ended.size());
    }
  }

  @Test
  void aSwapThatIsOverIsLeftAlone() throws InterruptedException {
    try (ForgottenSwaps swaps = new ForgottenSwaps(Duration.ofMillis(200), ended::add)) {
      swaps.touched("over");
      swaps.over("over");
      swaps.touched("left");
      assertEquals("left", ended.poll(20, TimeUnit.SECONDS));
      assertEquals(0, ended.size());
    }
  }

  @Test
  void nothingIsEndedAfterTheEnd() {
    ForgottenSwaps swaps = new ForgottenSwaps(Duration.ofMillis(1), ended::add);
    swaps.close();
    swaps.touched("late");
    assertEquals(0, ended.size());
  }
}
