package dev.outboard.bench.pool;

import java.util.random.RandomGenerator;

/** Random variables that the JDK does not have. */
final class Draws {
  private Draws() {}

  /** Gamma with scale 1, by Marsaglia and Tsang (2000). */
  static double gamma(RandomGenerator random, double shape) {
    if (shape < 1) {
      return gamma(random, shape + 1) * Math.pow(1 - random.nextDouble(), 1 / shape);
    }
    double d = shape - 1.0 / 3;
    double c = 1 / Math.sqrt(9 * d);
    while (true) {
      double x = random.nextGaussian();
      double v = Math.pow(1 + c * x, 3);
      if (v > 0 && Math.log(1 - random.nextDouble()) < x * x / 2 + d - d * v + d * Math.log(v)) {
        return d * v;
      }
    }
  }

  static double exponential(RandomGenerator random, double mean) {
    return -mean * Math.log(1 - random.nextDouble());
  }
}
