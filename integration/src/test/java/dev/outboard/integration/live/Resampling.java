package dev.outboard.integration.live;

import dev.outboard.integration.statistics.PairedComparison;
import dev.outboard.integration.statistics.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Makes comparisons out of recorded rounds of ways that do not differ: neighbouring rounds become
 * pairs, beginning anywhere, and which is the first is drawn, as it is in life.
 */
final class Resampling {
  static final int TIMES = 1000;

  /** Two in a hundred. */
  static final int TOLERATED = 20;

  private static final int SEED = 7;

  private Resampling() {}

  /**
   * How often a difference was shown.
   *
   * @param runs medians of round trips in the order they were measured, two arms' for each run
   */
  static int falsePositives(List<List<Double>> runs, int pairs) {
    return shown(runs, pairs, 1);
  }

  /** The same where all figures of one arm are so many times larger. */
  static int shown(List<List<Double>> runs, int pairs, double factor) {
    List<PairedComparison.Pair> recorded = new ArrayList<>();
    for (int run = 0; run + 1 < runs.size(); run += 2) {
      List<Double> one = runs.get(run);
      List<Double> other = runs.get(run + 1);
      IntStream.range(0, Math.min(one.size(), other.size()))
          .forEach(i -> recorded.add(new PairedComparison.Pair(one.get(i), other.get(i))));
    }
    Random random = new Random(SEED);
    int shown = 0;
    for (int time = 0; time < TIMES; time++) {
      int start = random.nextInt(recorded.size());
      List<PairedComparison.Pair> drawn = new ArrayList<>();
      for (int i = 0; i < pairs; i++) {
        PairedComparison.Pair pair = recorded.get((start + i) % recorded.size());
        boolean turned = random.nextBoolean();
        double first = turned ? pair.second() : pair.first();
        double second = turned ? pair.first() : pair.second();
        drawn.add(new PairedComparison.Pair(factor * first, second));
      }
      shown += PairedComparison.of(drawn).p() < Verdict.ALPHA ? 1 : 0;
    }
    return shown;
  }
}
