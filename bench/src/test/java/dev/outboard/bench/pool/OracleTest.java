package dev.outboard.bench.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.transport.kerneltcp.pool.PoolStats;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** The least idle connection-seconds, by hand, by trying everything, and beside real policies. */
class OracleTest {
  private static Trace trace(double... arrivalsAndDurations) {
    Trace.Builder builder = new Trace.Builder();
    for (int i = 0; i < arrivalsAndDurations.length; i += 2) {
      builder.add(arrivalsAndDurations[i], arrivalsAndDurations[i + 1], 1000);
    }
    return builder.build("small", "", 1000);
  }

  @Test
  void oneConnectionIsKeptThroughTheShortestGaps() {
    Oracle oracle = new Oracle(trace(0, 1, 3, 1, 14, 1));
    assertEquals(2 + 10, oracle.idleSeconds(1), 1e-6);
    assertEquals(2, oracle.idleSeconds(2), 1e-6);
    assertEquals(0, oracle.idleSeconds(3), 1e-6);
  }

  @Test
  void asManyAtOnceNeedAsManySetUps() {
    Oracle oracle = new Oracle(trace(0, 5, 1, 5));
    assertEquals(Double.POSITIVE_INFINITY, oracle.idleSeconds(1));
    assertEquals(0, oracle.idleSeconds(2), 1e-6);
  }

  @Property(tries = 300)
  void noWayToServeAllIsBetter(@ForAll long seed) {
    Random random = new Random(seed);
    double[] times = new double[2 * (2 + random.nextInt(5))];
    for (int i = 0; i < times.length; i += 2) {
      times[i] = random.nextInt(40);
      times[i + 1] = 1 + random.nextInt(10);
    }
    Trace trace = trace(times);
    Oracle oracle = new Oracle(trace);
    double[] best = new double[trace.size() + 1];
    java.util.Arrays.fill(best, Double.POSITIVE_INFINITY);
    assign(trace, 0, new double[trace.size()], 0, 0, best);
    for (int setUps = 1; setUps <= trace.size(); setUps++) {
      best[setUps] = Math.min(best[setUps], best[setUps - 1]);
      assertEquals(best[setUps], oracle.idleSeconds(setUps), 1e-6, "set-ups: " + setUps);
    }
  }

  /** Tries each connection that is free, and a new one, for each request. */
  private static void assign(
      Trace trace, int request, double[] free, int connections, double idle, double[] best) {
    if (request == trace.size()) {
      best[connections] = Math.min(best[connections], idle);
      return;
    }
    double at = trace.arrival(request) / 1e9;
    double end = at + trace.duration(request) / 1e9;
    for (int i = 0; i <= connections; i++) {
      if (i == connections || free[i] <= at) {
        double before = free[i];
        double gap = i == connections ? 0 : at - before;
        free[i] = end;
        assign(trace, request + 1, free, Math.max(connections, i + 1), idle + gap, best);
        free[i] = before;
      }
    }
  }

  @Property(tries = 10)
  void noPolicyIsBetterThanItsBound(@ForAll long seed) {
    Random random = new Random(seed);
    Trace.Builder builder = new Trace.Builder();
    double at = 0;
    for (int i = 0; i < 1500; i++) {
      at += random.nextInt(20) == 0 ? 100 * random.nextDouble() : 0.2 * random.nextDouble();
      builder.add(at, random.nextDouble(), 1e6);
    }
    Trace trace = builder.build("random", "", at + 500);
    Oracle oracle = new Oracle(trace);
    for (Policy policy : Policy.all()) {
      PoolStats stats = policy.run(trace);
      // A request that waited ends later: by so much a gap can have been shorter.
      double waited = 0.05 * stats.misses();
      double bound = oracle.idleSeconds(stats.opened());
      assertTrue(
          bound == Double.POSITIVE_INFINITY || stats.idleSeconds() >= bound - waited,
          () -> policy.name() + ": " + stats.idleSeconds() + " is less than " + bound);
    }
  }
}
