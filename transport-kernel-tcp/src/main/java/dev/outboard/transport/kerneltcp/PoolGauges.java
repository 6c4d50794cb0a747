package dev.outboard.transport.kerneltcp;

import dev.outboard.spi.Priority;
import dev.outboard.spi.TransportContext;
import dev.outboard.transport.kerneltcp.pool.ConnectionPool;
import dev.outboard.transport.kerneltcp.pool.PoolStats;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToDoubleFunction;

/**
 * Shows what an uplink's pools do, as sums over all peers; what pools have counted that are gone
 * stays counted. Any thread.
 */
final class PoolGauges {
  /** What is so now, and what has happened so far. */
  private enum Kind {
    LEVEL,
    TOTAL
  }

  private static final double MICROS = 1e6;

  private final Set<ConnectionPool<Trunk>> pools = new HashSet<>();
  private final Map<String, ToDoubleFunction<PoolStats>> totals = new HashMap<>();
  private final Map<String, Double> ended = new HashMap<>();
  private final Map<Priority, LongAdder> lent = new EnumMap<>(Priority.class);

  PoolGauges(TransportContext context) {
    show(context, Kind.LEVEL, "pool-size", PoolStats::size);
    show(context, Kind.LEVEL, "pool-idle", PoolStats::idle);
    show(context, Kind.LEVEL, "pool-lent", PoolStats::lent);
    for (Priority each : Priority.values()) {
      LongAdder count = new LongAdder();
      lent.put(each, count);
      context.gauge("pool-lent-" + each.name().toLowerCase(Locale.ROOT), count::sum);
    }
    show(context, Kind.LEVEL, "pool-opening", PoolStats::opening);
    show(context, Kind.LEVEL, "pool-waiting", PoolStats::waiting);
    show(context, Kind.TOTAL, "pool-hits", PoolStats::hits);
    show(context, Kind.TOTAL, "pool-misses", PoolStats::misses);
    show(context, Kind.TOTAL, "pool-refused", PoolStats::refused);
    show(context, Kind.TOTAL, "pool-opened", PoolStats::opened);
    show(context, Kind.TOTAL, "pool-failed-openings", PoolStats::failedOpenings);
    show(context, Kind.TOTAL, "pool-drained", PoolStats::drained);
    show(context, Kind.TOTAL, "pool-broken", PoolStats::broken);
    show(context, Kind.TOTAL, "pool-idle-seconds", PoolStats::idleSeconds);
    show(context, Kind.TOTAL, "pool-waited-micros", stats -> stats.waitedSeconds() * MICROS);
  }

  private void show(
      TransportContext context, Kind kind, String name, ToDoubleFunction<PoolStats> value) {
    if (kind == Kind.TOTAL) {
      totals.put(name, value);
    }
    context.gauge(name, () -> (long) sum(name, value));
  }

  private synchronized double sum(String name, ToDoubleFunction<PoolStats> value) {
    double sum = ended.getOrDefault(name, 0.0);
    for (ConnectionPool<Trunk> pool : pools) {
      sum += value.applyAsDouble(pool.statsNow());
    }
    return sum;
  }

  /** So many more lanes of this priority have a connection than before. */
  void lent(Priority priority, int more) {
    lent.get(priority).add(more);
  }

  synchronized void add(ConnectionPool<Trunk> pool) {
    pools.add(pool);
  }

  /** It is closed and has no connection any more. */
  synchronized void remove(ConnectionPool<Trunk> pool) {
    if (pools.remove(pool)) {
      PoolStats last = pool.statsNow();
      totals.forEach((name, value) -> ended.merge(name, value.applyAsDouble(last), Double::sum));
    }
  }
}
