package dev.outboard.bench.start;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** When a rate that grows counts as grown. */
class WarmUpCurveTest {
  private static final int BUCKETS = 200;

  /** Nothing for so many buckets, then 1000 in each. */
  private static long[] step(int at) {
    long[] frames = new long[BUCKETS];
    Arrays.fill(frames, at, BUCKETS, 1000);
    return frames;
  }

  private static WarmUpCurve curve(long[] frames) {
    return new WarmUpCurve(frames, 10);
  }

  /** A median of ten tells a step from its sixth bucket on. */
  private static final int BLUR_MILLIS = 10 * WarmUpCurve.WINDOW / 2;

  @Test
  void aStepIsFoundWhereItIs() {
    assertEquals(300.0, (double) curve(step(30)).millisTo(0.9), BLUR_MILLIS);
    assertEquals(100_000, curve(step(30)).steadyPerSecond());
  }

  @Test
  void whatIsWarmFromTheStartTakesNoTime() {
    assertEquals(0, curve(step(0)).millisTo(0.9));
    assertEquals(0, curve(step(0)).lostMillis());
  }

  @Test
  void aBucketOrTwoThatOthersTookAreNoSignOfColdCode() {
    long[] frames = step(30);
    frames[100] = 0;
    frames[101] = 0;
    assertEquals(300.0, (double) curve(frames).millisTo(0.9), BLUR_MILLIS);
  }

  @Test
  void aRateThatFallsOnceMoreIsWarmOnlyAfterThat() {
    long[] frames = step(10);
    Arrays.fill(frames, 50, 70, 500);
    assertEquals(700.0, (double) curve(frames).millisTo(0.9), BLUR_MILLIS);
  }

  @Test
  void whatWasLostIsTheAreaAboveTheCurve() {
    long[] frames = step(40);
    Arrays.fill(frames, 0, 40, 750);
    assertEquals(100, curve(frames).lostMillis(), 15);
  }

  @Test
  void nothingThatArrivedIsNoSpeed() {
    assertEquals(0, curve(new long[BUCKETS]).lostMillis());
  }
}
