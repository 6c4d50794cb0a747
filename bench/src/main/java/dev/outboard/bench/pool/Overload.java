package dev.outboard.bench.pool;

import dev.outboard.transport.kerneltcp.pool.LearnedSizing;
import dev.outboard.transport.kerneltcp.pool.PoolSettings;
import dev.outboard.transport.kerneltcp.pool.PoolStats;
import dev.outboard.transport.kerneltcp.pool.ServiceClass;
import java.util.List;
import java.util.SplittableRandom;
import org.HdrHistogram.Histogram;

/**
 * Two classes ask for twice the connections that there may be; how long does the urgent one wait,
 * beside a run in which it is alone? Poisson arrivals, log-normal leases of 100 ms on average.
 *
 * @param share of the pool's most that the urgent class offers; the other offers the rest of twice
 *     the most
 * @param alone nanoseconds that 99 of 100 urgent requests do not exceed, without the other class
 * @param beside the same at twice the load
 * @param ratio the two, 1 if nobody waits
 * @param bulkServed of the connection-time that the urgent class left, what the other used
 */
record Overload(double share, long alone, long beside, double ratio, double bulkServed) {
  private static final int MAX = 64;
  private static final double LEASE = 0.1;
  private static final double SIGMA = 0.8;
  private static final double OVERLOAD = 2;

  /** An urgent class that never waits when it is alone, and one that does. */
  static List<Overload> all(double seconds) {
    return List.of(run(0.5, seconds), run(0.95, seconds));
  }

  private static Overload run(double share, double seconds) {
    Trace urgent = load(share * MAX, seconds, 1);
    Trace bulk = load((OVERLOAD - share) * MAX, seconds, 2);
    PoolStats without = play(List.of(urgent));
    PoolStats with = play(List.of(urgent, bulk));
    long alone = p99(without);
    long beside = p99(with);
    double ratio = beside <= alone ? 1 : (double) beside / Math.max(1, alone);
    double room = MAX * seconds - without.lentSeconds();
    return new Overload(
        share, alone, beside, ratio, (with.lentSeconds() - without.lentSeconds()) / room);
  }

  private static Trace load(double connections, double seconds, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Trace.Builder builder = new Trace.Builder();
    double gap = LEASE / connections;
    for (double at = Draws.exponential(random, gap);
        at < seconds;
        at += Draws.exponential(random, gap)) {
      double lease = LEASE * Math.exp(SIGMA * random.nextGaussian() - SIGMA * SIGMA / 2);
      builder.add(at, lease, seconds);
    }
    return builder.build("load", "", seconds);
  }

  private static PoolStats play(List<Trace> traces) {
    Simulation simulation =
        new Simulation(PoolSettings.of("peer", 0, MAX), new LearnedSizing(Policy.ASKED, MAX));
    simulation.play(traces.get(0), _ -> ServiceClass.LATENCY);
    if (traces.size() > 1) {
      simulation.play(traces.get(1), _ -> ServiceClass.BULK);
    }
    return simulation.runUntil(traces.get(0).length());
  }

  private static long p99(PoolStats stats) {
    Histogram waits = stats.waits().get(ServiceClass.LATENCY);
    return waits.getValueAtPercentile(99);
  }
}
