package dev.outboard.integration.live;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.integration.wire.Json;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * What is said of rounds that were recorded once, in a run of {@link LiveStatisticsTest} on a
 * machine with other work: a way against itself, twenty comparisons of two arms.
 */
final class RecordedRoundsTest {
  private static final int PAIRS = 15;

  @Test
  void differencesAreShownAtMostTwiceInAHundredWhereThereAreNone() throws IOException {
    int shown = Resampling.falsePositives(recorded(), PAIRS);
    assertTrue(shown <= Resampling.TOLERATED, shown + " of " + Resampling.TIMES);
  }

  @Test
  void aFifthIsFoundMostlyThoughOthersUsedTheMachine() throws IOException {
    int shown = Resampling.shown(recorded(), PAIRS, 1.2);
    assertTrue(shown >= 0.75 * Resampling.TIMES, shown + " of " + Resampling.TIMES);
  }

  private static List<List<Double>> recorded() throws IOException {
    try (InputStream file = RecordedRoundsTest.class.getResourceAsStream("recorded-rounds.json")) {
      List<List<Double>> runs = new ArrayList<>();
      for (JsonNode run : Json.api().readTree(Objects.requireNonNull(file))) {
        List<Double> medians = new ArrayList<>();
        run.forEach(median -> medians.add(median.asDouble()));
        runs.add(medians);
      }
      return runs;
    }
  }
}
