package dev.outboard.integration.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The paired permutation test, on cases whose answer is known. */
final class PermutationTestTest {
  private final Random random = new Random(5);

  @Test
  void pairsThatAllAgreeAreAsUnlikelyAsTwoWaysOfAll() {
    double[] differences = {1, 2, 3, 2, 1, 2, 3, 1};
    assertEquals(2.0 / 256, PermutationTest.paired(differences, random));
  }

  @Test
  void allWaysAreCounted() {
    // All sums of +-1 +-1 +-1 reach 1 in size; of those of +-2 +-1 +-2 four of eight reach 3.
    assertEquals(1, PermutationTest.paired(new double[] {1, 1, -1}, random));
    assertEquals(4.0 / 8, PermutationTest.paired(new double[] {3, -1, 2}, random));
  }

  @Test
  void nothingIsNoDifference() {
    assertEquals(1, PermutationTest.paired(new double[0], random));
    assertEquals(1, PermutationTest.paired(new double[9], random));
  }

  @Test
  void moreAndFewerPairsThanCanBeTriedAllAgree() {
    double[] differences = random.doubles(15, -1, 2).toArray();
    double exact = PermutationTest.paired(differences, random);
    // A sixteenth difference of 0 has the test draw, and changes no sum.
    double drawn = PermutationTest.paired(Arrays.copyOf(differences, 16), random);
    assertEquals(exact, drawn, 0.015);
  }

  @Test
  void oneWildPairDoesNotDrownTheOthers() {
    double[] differences = {1, 1.1, 0.9, 1, 1.2, 1, 0.8, 1, 1.1, 1, 0.9, 1, 1, -1e6};
    assertTrue(PermutationTest.paired(differences, random) < 0.02);
  }

  @Test
  void pureNoiseIsCalledADifferenceAsOftenAsTheLevelSays() {
    int wrong = 0;
    int trials = 4000;
    for (int trial = 0; trial < trials; trial++) {
      // Noise as machines make it: mostly small, sometimes wild.
      double[] differences =
          random.doubles(10).map(u -> random.nextGaussian() * (u < 0.1 ? 20 : 1)).toArray();
      wrong += PermutationTest.paired(differences, random) < 0.05 ? 1 : 0;
    }
    assertTrue(wrong > 0.03 * trials && wrong < 0.06 * trials, wrong + " of " + trials);
  }
}
