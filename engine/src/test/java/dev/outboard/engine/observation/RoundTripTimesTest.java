package dev.outboard.engine.observation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

/** Durations come back as they were put in, but for 0.4 %. */
class RoundTripTimesTest {
  private static final long MINUTE = 60_000_000_000L;

  private static Map<Long, Long> counts(RoundTripTimes times) {
    Map<Long, Long> counts = new TreeMap<>();
    times.forEach(counts::put);
    return counts;
  }

  @Property
  void aBucketsMiddleIsCloseToAllInIt(@ForAll @LongRange(max = MINUTE) long nanos) {
    long middle = RoundTripTimes.middle(RoundTripTimes.bucket(nanos));
    assertTrue(Math.abs(middle - nanos) * 256 <= nanos, nanos + ": " + middle);
  }

  @Property
  void longerOnesAreNeverInAnEarlierBucket(@ForAll long one, @ForAll long other) {
    long shorter = Math.min(one, other);
    long longer = Math.max(one, other);
    assertTrue(RoundTripTimes.bucket(shorter) <= RoundTripTimes.bucket(longer));
  }

  @Test
  void theyAreCountedByBucket() {
    RoundTripTimes times = new RoundTripTimes();
    times.add(100);
    times.add(100);
    times.add(70_000);
    assertEquals(Map.of(100L, 2L, 69_888L, 1L), counts(times));
  }

  @Test
  void whatIsBeyondAllMeasureCountsAsTheLongestOrShortest() {
    RoundTripTimes times = new RoundTripTimes();
    times.add(Long.MAX_VALUE);
    times.add(-5);
    Map<Long, Long> counts = counts(times);
    assertEquals(2, counts.size());
    assertEquals(1, counts.get(0L));
  }
}
