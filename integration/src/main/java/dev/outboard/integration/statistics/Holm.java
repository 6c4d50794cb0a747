package dev.outboard.integration.statistics;

import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Holm's correction: who asks many questions gets a small p by chance, so each counts for as many
 * as are still open. The chance that any answer is wrong stays what one alone would have. Pure; any
 * thread.
 */
public final class Holm {
  private Holm() {}

  /** The corrected values, in the order of those given. */
  public static double[] correct(double[] values) {
    int n = values.length;
    int[] ascending =
        IntStream.range(0, n)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> values[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] corrected = new double[n];
    double least = 0;
    for (int rank = 0; rank < n; rank++) {
      least = Math.max(least, Math.min(1, (n - rank) * values[ascending[rank]]));
      corrected[ascending[rank]] = least;
    }
    return corrected;
  }
}
