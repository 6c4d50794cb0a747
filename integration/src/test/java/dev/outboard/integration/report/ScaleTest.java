package dev.outboard.integration.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which values axes mark, and how they are written. */
final class ScaleTest {
  @Test
  void aLinearAxisStartsAtNothingAndMarksRoundSteps() {
    Scale scale = Scale.over(false, new double[] {3, 47}, 0, 100);
    assertEquals(List.of(0.0, 10.0, 20.0, 30.0, 40.0), scale.ticks());
    assertEquals(0, scale.at(0), 1e-9);
  }

  @Test
  void aLogarithmicAxisMarksDecadesAndWithinFewOfThemHalves() {
    assertEquals(
        List.of(10.0, 20.0, 50.0, 100.0),
        Scale.over(true, new double[] {9, 110, Double.NaN, 0}, 0, 100).ticks());
    assertEquals(
        List.of(1.0, 10.0, 100.0, 1000.0, 10000.0),
        Scale.over(true, new double[] {1, 10_000}, 0, 100).ticks());
  }

  @Test
  void equalValuesAndNoneHaveAnAxisToo() {
    assertTrue(Scale.over(true, new double[] {7, 7}, 0, 100).ticks().size() > 1);
    assertTrue(Scale.over(false, new double[0], 0, 100).ticks().size() > 1);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1.5, 1.5",
    "0.001, 0.001",
    "999.6, 1000",
    "1234, 1234",
    "20000, 20 k",
    "2500000, 2.5 M",
    "NaN, unknown"
  })
  void numbersHaveFewDigits(double value, String text) {
    assertEquals(text, Scale.number(value));
  }
}
