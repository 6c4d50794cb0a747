package dev.outboard.transport.kerneltcp.pool;

import java.util.EnumMap;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** Counts what a pool does. Private to the pool, used on its loop. */
final class Meter {
  private static final int DIGITS = 3;
  private static final double SECOND = 1e9;

  private final Map<ServiceClass, Histogram> waits = new EnumMap<>(ServiceClass.class);
  private final Map<Slot.State, Integer> states = new EnumMap<>(Slot.State.class);
  private long last;
  private double idleSeconds;
  private double lentSeconds;
  private double waitedSeconds;

  private volatile Shown shown;

  long hits;
  long misses;
  long opened;
  long failedOpenings;
  long drained;
  long broken;
  long refused;

  /** What any thread may read. */
  private record Shown(PoolStats stats, long since) {}

  Meter(long now) {
    last = now;
    show(0, now);
    for (ServiceClass each : Waiters.CLASSES) {
      waits.put(each, new Histogram(DIGITS));
    }
  }

  int in(Slot.State state) {
    return states.getOrDefault(state, 0);
  }

  int size() {
    return in(Slot.State.IDLE)
        + in(Slot.State.LENT)
        + in(Slot.State.OPENING)
        + in(Slot.State.DRAINING);
  }

  /** A connection has entered a state; it left another before, or is new: null. */
  void moved(Slot.State from, Slot.State to, long now) {
    tick(now);
    if (from != null) {
      states.merge(from, -1, Integer::sum);
    }
    if (to != Slot.State.CLOSED) {
      states.merge(to, 1, Integer::sum);
    }
  }

  void waited(ServiceClass serviceClass, long nanos) {
    waits.get(serviceClass).recordValue(nanos);
    waitedSeconds += nanos / SECOND;
  }

  private void tick(long now) {
    double seconds = (now - last) / SECOND;
    idleSeconds += seconds * (in(Slot.State.IDLE) + in(Slot.State.DRAINING));
    lentSeconds += seconds * in(Slot.State.LENT);
    last = now;
  }

  PoolStats snapshot(int waiting, long now) {
    Map<ServiceClass, Histogram> copies = new EnumMap<>(ServiceClass.class);
    waits.forEach((serviceClass, histogram) -> copies.put(serviceClass, histogram.copy()));
    return stats(waiting, copies, now);
  }

  /** Has {@link #shown} tell what is so now. */
  void show(int waiting, long now) {
    shown = new Shown(stats(waiting, Map.of(), now), now);
  }

  /** What was so at the last {@link #show}, and went on since; without waits. Any thread. */
  PoolStats shown(long now) {
    Shown latest = shown;
    return latest.stats.after(Math.max(0, now - latest.since) / SECOND);
  }

  private PoolStats stats(int waiting, Map<ServiceClass, Histogram> copies, long now) {
    tick(now);
    return new PoolStats(
        size(),
        in(Slot.State.IDLE),
        in(Slot.State.LENT),
        in(Slot.State.OPENING),
        in(Slot.State.DRAINING),
        waiting,
        hits,
        misses,
        opened,
        failedOpenings,
        drained,
        broken,
        refused,
        idleSeconds,
        lentSeconds,
        waitedSeconds,
        copies);
  }
}
