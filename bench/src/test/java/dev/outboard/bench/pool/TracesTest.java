package dev.outboard.bench.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What is said of the traces is true of them. */
class TracesTest {
  @Test
  void gammaGapsHaveTheVariationThatIsAsked() {
    SplittableRandom random = new SplittableRandom(1);
    for (double variation : new double[] {0.5, 1, 2, 3}) {
      double shape = 1 / (variation * variation);
      double[] draws = new double[200_000];
      Arrays.setAll(draws, _ -> Draws.gamma(random, shape) / shape);
      double mean = Arrays.stream(draws).average().orElseThrow();
      double square = Arrays.stream(draws).map(x -> x * x).average().orElseThrow();
      assertEquals(1, mean, 0.03);
      assertEquals(variation, Math.sqrt(square / mean / mean - 1), 0.05 * variation);
    }
  }

  @Test
  void functionsLikeAzuresLastAsLongAsTheirs() {
    Trace trace = AzureTrace.make("rare", 4000, 24, 20 / 86_400.0, 1);
    double[] seconds = new double[trace.size()];
    Arrays.setAll(seconds, i -> trace.duration(i) / 1e9);
    Arrays.sort(seconds);
    // Shahrad et al.: half of the functions run for less than a second, 96 % for less than 60.
    assertEquals(0.68, seconds[seconds.length / 2], 0.2);
    double below = (double) -(Arrays.binarySearch(seconds, 60.0) + 1) / seconds.length;
    assertEquals(0.96, below, 0.02);
  }

  @Test
  void aFewFunctionsMakeNearlyAllRequests() {
    // 81 % of the applications are called at most once a minute and make 0.4 % of the calls.
    long all = AzureTrace.make("all", 600, 6, 2, 7).size();
    long cut = AzureTrace.make("slow", 600, 6, 1 / 60.0, 7).size();
    assertTrue(cut < 0.1 * all, cut + " of " + all);
  }

  @Test
  void timersFireTogetherOnTheMinute() {
    Trace trace = AzureTrace.make("timers", 400, 2, 0.001, 3);
    long atMinute = 0;
    for (int i = 0; i < trace.size(); i++) {
      atMinute += trace.arrival(i) % 60_000_000_000L < 50_000_000 ? 1 : 0;
    }
    assertTrue(atMinute > 0.3 * trace.size(), atMinute + " of " + trace.size());
  }

  @Test
  void everyRunMakesTheSameTraces() {
    Trace one = Traces.sawtooth();
    Trace two = Traces.sawtooth();
    assertEquals(one.size(), two.size());
    for (int i = 0; i < one.size(); i++) {
      assertEquals(one.arrival(i), two.arrival(i));
      assertEquals(one.duration(i), two.duration(i));
    }
  }
}
