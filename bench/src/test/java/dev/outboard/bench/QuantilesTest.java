package dev.outboard.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The numbers that the reports stand on. */
class QuantilesTest {
  @Test
  void aQuantileIsTheSmallestSampleThatCoversItsShare() {
    long[] samples = LongStream.rangeClosed(1, 200).map(i -> 201 - i).toArray();
    assertEquals(100, Quantiles.at(samples, 0.5));
    assertEquals(198, Quantiles.at(samples, 0.99));
    assertEquals(1, Quantiles.at(new long[] {1}, 0.99));
  }

  @Test
  void theBoundsOfARatioHoldItAndAreNarrowForSteadySamples() {
    long[] below = LongStream.range(0, 200).map(i -> 1000 + i % 10).toArray();
    long[] above = LongStream.range(0, 200).map(i -> 3000 + i % 10).toArray();
    Quantiles.Ratio ratio = Quantiles.medians(above, below);
    assertEquals(3, ratio.value(), 0.02);
    assertTrue(ratio.low() <= ratio.value() && ratio.value() <= ratio.high(), ratio.toString());
    assertTrue(ratio.high() - ratio.low() < 0.05, ratio.toString());
  }
}
