package dev.outboard.bench.pool;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;

/**
 * The traces that pools are compared on: three like published ones, and some that are made to fool
 * a pool. Every run makes the same ones.
 */
final class Traces {
  private static final double MEDIAN = 0.3;
  private static final double SIGMA = 1;
  private static final double MINUTE = 60;
  private static final double HOUR = 3600;

  private Traces() {}

  static List<Trace> all() {
    return List.of(
        AzureTrace.make("azure-busy", 300, 8, 0.5, 1),
        AzureTrace.make("azure-day", 60, 24, 0.5, 2),
        AzureTrace.make("azure-week", 12, 7 * 24, 0.5, 3),
        flashCrowd(),
        onOff(),
        drift(),
        sawtooth(),
        periodic(),
        regimes());
  }

  /** Out of the blue forty times the requests, for a minute. */
  static Trace flashCrowd() {
    double[] starts = {10 * MINUTE, 37 * MINUTE, 75 * MINUTE, 100 * MINUTE};
    return poisson(
        "flash-crowd",
        "10 a second, four times 400 for a minute",
        2 * HOUR,
        400,
        at -> {
          double rate = 10;
          for (double start : starts) {
            if (at >= start && at < start + MINUTE) {
              rate = Math.min(400, 10 + 200 * (at - start));
            }
          }
          return rate;
        });
  }

  /** Silent for just longer than a TTL of a minute. */
  static Trace onOff() {
    return poisson(
        "on-off",
        "30 s of 50 a second, 60.5 s of nothing",
        4 * HOUR,
        50,
        at -> at % 90.5 < 30 ? 50 : 0);
  }

  /** Past teaches the wrong thing, slowly. */
  static Trace drift() {
    return poisson(
        "slow-drift",
        "between 1 and 40 a second, in four hours there and back",
        4 * HOUR,
        40,
        at -> Math.pow(40, (1 - Math.cos(2 * Math.PI * at / (4 * HOUR))) / 2));
  }

  /** Up by a straight line, down at once. */
  static Trace sawtooth() {
    return poisson(
        "sawtooth",
        "from 0 to 60 a second in two minutes, and again",
        2 * HOUR,
        60,
        at -> 60 * (at % 120) / 120);
  }

  /** Twenty at once, each time just after a pool with a TTL of a minute has closed them. */
  static Trace periodic() {
    SplittableRandom random = new SplittableRandom(5);
    Trace.Builder builder = new Trace.Builder();
    double seconds = 48 * HOUR;
    for (double at = 1; at < seconds; at += 63) {
      for (int i = 0; i < 20; i++) {
        builder.add(at + random.nextDouble() * 0.1, 1.5 + random.nextDouble(), seconds);
      }
    }
    return builder.build("periodic", "20 every 63 s, for 2 s each", seconds);
  }

  /** Two kinds of traffic that ask for quite different limits. */
  static Trace regimes() {
    return poisson(
        "regimes",
        "half an hour of 25 a second, half an hour of one in 2 s, and again",
        4 * HOUR,
        25,
        at -> at % HOUR < HOUR / 2 ? 25 : 0.5);
  }

  /** A Poisson process whose rate changes, by thinning; log-normal durations, 0.5 s on average. */
  private static Trace poisson(
      String name, String about, double seconds, double highest, DoubleUnaryOperator rate) {
    SplittableRandom random = new SplittableRandom(name.hashCode());
    Trace.Builder builder = new Trace.Builder();
    double at = Draws.exponential(random, 1 / highest);
    while (at < seconds) {
      if (random.nextDouble() * highest < rate.applyAsDouble(at)) {
        builder.add(at, MEDIAN * Math.exp(SIGMA * random.nextGaussian()), seconds);
      }
      at += Draws.exponential(random, 1 / highest);
    }
    return builder.build(name, about, seconds);
  }
}
