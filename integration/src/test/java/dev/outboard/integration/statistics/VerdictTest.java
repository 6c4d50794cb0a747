package dev.outboard.integration.statistics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.integration.statistics.PairedComparison.Pair;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is said of pairs: differences, none, doubts, corrections, the noise floor. */
final class VerdictTest {
  private static final Verdict.Metric P99 = new Verdict.Metric("p99", false);
  private static final Verdict.Metric THROUGHPUT = new Verdict.Metric("throughput", true);

  private static List<Pair> pairs(int count, DoubleUnaryOperator first) {
    return IntStream.range(0, count)
        .mapToObj(i -> new Pair(first.applyAsDouble(i), 100 + i % 5))
        .toList();
  }

  private static Verdict verdict(Verdict.Metric metric, List<Pair> pairs) {
    PairedComparison comparison = PairedComparison.of(pairs);
    return Verdict.of("iouring", "tuntap", metric, comparison, comparison.p());
  }

  @Test
  void aDifferenceIsSaidWithItsFactorAndBounds() {
    List<Pair> halved = pairs(12, i -> (100 + i % 5) / 1.8);
    assertEquals(
        new Verdict(
            "iouring: p99 1.80 times lower than tuntap, 95 % CI 1.80-1.80", Verdict.Kind.BETTER),
        verdict(P99, halved));
    assertEquals(Verdict.Kind.WORSE, verdict(THROUGHPUT, halved).kind());
    assertEquals(
        "iouring: throughput 20 times higher than tuntap, 95 % CI 20-20",
        verdict(THROUGHPUT, pairs(12, i -> 20 * (100 + i % 5))).text());
  }

  @Test
  void whatChanceCouldDoIsNoDifference() {
    Verdict verdict = verdict(P99, pairs(12, i -> 100 + (i + 2) % 5));
    assertEquals(Verdict.Kind.NONE, verdict.kind());
    assertTrue(verdict.text().startsWith("p99: no difference shown"), verdict.text());
  }

  @Test
  void sevenPairsCanShowNothing() {
    assertEquals("p99: too few pairs to show anything, 7", verdict(P99, pairs(7, i -> 1)).text());
    assertEquals(Verdict.Kind.BETTER, verdict(P99, pairs(8, i -> 1)).kind());
  }

  @Test
  void figuresThatAreMissingMakeNoPairs() {
    List<Pair> pairs = new ArrayList<>(pairs(8, i -> 50));
    pairs.add(new Pair(0, 100));
    pairs.add(new Pair(100, Double.NaN));
    pairs.add(new Pair(Double.POSITIVE_INFINITY, 1));
    assertEquals(8, PairedComparison.of(pairs).ratio().count());
    assertEquals(0, PairedComparison.of(List.of()).ratio().count());
  }

  @Test
  void holmCountsEachForThoseThatAreOpen() {
    assertArrayEquals(
        new double[] {0.03, 0.06, 0.06, 0.02},
        Holm.correct(new double[] {0.01, 0.04, 0.03, 0.005}),
        1e-12);
    assertArrayEquals(new double[] {1, 1}, Holm.correct(new double[] {0.7, 0.9}));
  }

  @Test
  void anEffectOfTheSizeThatTheNoiseFloorNamesIsFound() {
    Random random = new Random(11);
    List<Double> quiet = noisy(random, 60, 0.05);
    NoiseFloor floor = NoiseFloor.of(List.of(quiet), 15, Verdict.ALPHA);
    assertTrue(floor.factor() > 1.01 && floor.factor() < 1.08, "" + floor);
    assertTrue(
        floor.smallestEffect() > floor.factor() && floor.smallestEffect() < 1.15, "" + floor);
    int found = 0;
    for (int trial = 0; trial < 100; trial++) {
      List<Double> slow = noisy(random, 15, 0.05);
      List<Double> fast = noisy(random, 15, 0.05);
      List<Pair> pairs =
          IntStream.range(0, 15)
              .mapToObj(i -> new Pair(floor.smallestEffect() * slow.get(i), fast.get(i)))
              .toList();
      found += PairedComparison.of(pairs).p() < Verdict.ALPHA ? 1 : 0;
    }
    assertTrue(found >= 85, found + " of 100");
  }

  @Test
  void noiseThatDrownsEverythingIsSaid() {
    List<Double> wild = noisy(new Random(3), 40, 9);
    assertEquals(Double.POSITIVE_INFINITY, NoiseFloor.of(List.of(wild), 8, 0.01).smallestEffect());
    assertEquals(Double.POSITIVE_INFINITY, NoiseFloor.of(List.of(), 8, 0.01).factor());
  }

  private static List<Double> noisy(Random random, int count, double noise) {
    return random
        .doubles(count)
        .map(u -> 100 * Math.exp(noise * random.nextGaussian()))
        .boxed()
        .toList();
  }
}
