package dev.outboard.transport.kerneltcp.pool;

import dev.outboard.transport.kerneltcp.pool.Waiters.Waiter;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Connections to one peer that are lent by need. Any thread may call it, and no call waits: each
 * becomes a task of the pool's {@link PoolLoop}, where everything happens, and where answers are
 * completed. What depends on an answer runs there, too, and must not block. Not for the way of a
 * frame: who carries frames keeps its lease.
 *
 * <p>Theory of operation. After each event the pool settles: it lends idle connections to who
 * waits, the most urgent class first, as long as the room that is left suffices for {@link Reserve
 * more urgent ones}; opens connections for who still waits and what {@link Sizing} wants besides;
 * and drains what is idle beyond that, the coldest first. A request is a hit if it is served before
 * anything else happens. What is lent is never taken away, and what is let go is drained, not
 * dropped.
 *
 * <p>Under {@link PressureSource pressure} of {@code p} the share {@code p} of the idle connections
 * goes; at 1 all of them, {@code min} included, and no connection is opened but the only one.
 */
public final class ConnectionPool<C extends PooledConnection> {
  private static final long LOOK_NANOS = 1_000_000_000L;
  private static final long RESERVED_NANOS = 50_000_000L;

  private final PoolSettings settings;
  private final PoolLoop loop;
  private final Sizing sizing;
  private final PressureSource pressureSource;
  private final Meter meter;
  private final Reserve reserve;
  private final Connections<C> connections;
  private final Waiters<C> waiters = new Waiters<>();
  private final Map<Lease<C>, Slot<C>> lent = new HashMap<>();
  private final CompletableFuture<Void> closed = new CompletableFuture<>();
  private boolean closing;
  private int demand;
  private double pressure;
  private long nextLook;
  private long armed = Long.MAX_VALUE;

  /**
   * Makes a pool and begins to open its first connections.
   *
   * @param sizing this pool's own
   */
  public ConnectionPool(
      PoolSettings settings,
      Connector<C> connector,
      PoolLoop loop,
      Sizing sizing,
      PressureSource pressure) {
    this.settings = settings;
    this.loop = loop;
    this.sizing = sizing;
    pressureSource = pressure;
    long now = loop.nanoTime();
    nextLook = now;
    meter = new Meter(now);
    reserve = new Reserve(settings.reserve(), now);
    connections = new Connections<>(settings, connector, loop, meter, this::settle);
    loop.execute(this::settle);
  }

  /**
   * Asks for a connection. The answer is completed with a lease, which is the caller's to give
   * back; or with a {@link PoolException} when patience ends or the pool is closed. Who cancels it
   * before gets none.
   */
  public CompletableFuture<Lease<C>> acquire(ServiceClass serviceClass) {
    CompletableFuture<Lease<C>> answer = new CompletableFuture<>();
    loop.execute(() -> request(serviceClass, answer));
    return answer;
  }

  /** What the pool did and holds. */
  public CompletableFuture<PoolStats> stats() {
    CompletableFuture<PoolStats> answer = new CompletableFuture<>();
    loop.execute(() -> answer.complete(meter.snapshot(waiters.count(), loop.nanoTime())));
    return answer;
  }

  /** The same without the waits of each class, at once. */
  public PoolStats statsNow() {
    return meter.shown(loop.nanoTime());
  }

  /** The peer is known to be there again: what failed before is tried again at once. */
  public void retryNow() {
    loop.execute(
        () -> {
          connections.retryNow();
          settle();
        });
  }

  /**
   * Refuses what waits and what comes, drains what is idle, and the rest when it is given back.
   *
   * @return complete when no connection is left
   */
  public CompletableFuture<Void> close() {
    loop.execute(
        () -> {
          closing = true;
          settle();
        });
    return closed.copy();
  }

  private void request(ServiceClass serviceClass, CompletableFuture<Lease<C>> answer) {
    long now = loop.nanoTime();
    if (closing) {
      answer.completeExceptionally(closedMessage());
      return;
    }
    Waiter<C> waiter = new Waiter<>(serviceClass, now, answer);
    waiters.add(waiter);
    reserve.changed(serviceClass, 1, now);
    grant(now);
    boolean hit = answer.isDone();
    if (hit) {
      meter.hits++;
    } else {
      meter.misses++;
    }
    countDemand(hit, now);
    settle();
  }

  private PoolException closedMessage() {
    return new PoolException("the pool of connections to " + settings.peer() + " is closed", null);
  }

  private void giveBack(Lease<C> lease, boolean reusable) {
    loop.execute(
        () -> {
          takeBack(lease, reusable);
          settle();
        });
  }

  private void takeBack(Lease<C> lease, boolean reusable) {
    long now = loop.nanoTime();
    Slot<C> slot = lent.remove(lease);
    reserve.changed(slot.owner, -1, now);
    connections.takeBack(slot, reusable, now);
  }

  /** Brings everything into order after an event. */
  private void settle() {
    long now = loop.nanoTime();
    if (now >= nextLook) {
      pressure = Math.clamp(pressureSource.level(), 0, 1);
      nextLook = now + LOOK_NANOS;
    }
    connections.tick(now);
    refuse(now);
    grant(now);
    countDemand(false, now);
    if (closing) {
      while (connections.idle() > 0) {
        connections.drainColdest(now);
      }
      if (connections.size() == 0) {
        closed.complete(null);
      }
    } else {
      int needed = needed(now);
      int spare = spare(needed, now);
      grow(needed + spare, now);
      shrink(spare, now);
    }
    meter.show(waiters.count(), now);
    arm(now);
  }

  private void refuse(long now) {
    long before = closing ? now : now - settings.patience().toNanos();
    for (Waiter<C> waiter = waiters.removeStale(before);
        waiter != null;
        waiter = waiters.removeStale(before)) {
      reserve.changed(waiter.serviceClass(), -1, now);
      if (waiter.answer().completeExceptionally(closing ? closedMessage() : late())) {
        meter.refused++;
      }
    }
  }

  private PoolException late() {
    Throwable failure = connections.lastFailure();
    return new PoolException(
        "no connection to %s within %d ms: %s"
            .formatted(
                settings.peer(),
                settings.patience().toMillis(),
                failure == null
                    ? "all %d are in use".formatted(connections.size())
                    : "opening one failed, " + failure.getMessage()),
        failure);
  }

  /** Connections there may be now. */
  private int limit() {
    return pressure < 1 ? settings.max() : Math.clamp(connections.size(), 1, settings.max());
  }

  /** Connections that could be lent: idle, coming, or not yet opened. */
  private int room() {
    return connections.idle() + connections.opening() + limit() - connections.size();
  }

  private void grant(long now) {
    for (ServiceClass each : Waiters.CLASSES) {
      while (waiters.count(each) > 0) {
        if (connections.idle() == 0 || room() <= reserve.against(each, limit(), now)) {
          return;
        }
        lend(waiters.removeFirst(each), now);
      }
    }
  }

  private void lend(Waiter<C> waiter, long now) {
    Lease<C> lease = new Lease<>(connections.next(), this::giveBack);
    if (waiter.answer().complete(lease)) {
      meter.waited(waiter.serviceClass(), now - waiter.since());
      lent.put(lease, connections.lend(waiter.serviceClass(), now));
    } else {
      reserve.changed(waiter.serviceClass(), -1, now);
    }
  }

  /** Tells {@link Sizing} what has changed. */
  private void countDemand(boolean hit, long now) {
    int current = Math.min(connections.lent() + waiters.count(), settings.max());
    for (; demand < current; demand++) {
      sizing.rose(now, hit);
    }
    for (; demand > current; demand--) {
      sizing.fell(now);
    }
  }

  /** Connections for those who wait and may have one. */
  private int needed(long now) {
    int needed = 0;
    for (ServiceClass each : Waiters.CLASSES) {
      int waiting = waiters.count(each);
      if (waiting > 0) {
        int left = room() - needed - reserve.against(each, limit(), now);
        needed += Math.clamp(left, 0, waiting);
      }
    }
    return needed;
  }

  /** Idle connections that are wanted beyond that. */
  private int spare(int needed, long now) {
    if (pressure >= 1) {
      return 0;
    }
    int wanted = (int) (sizing.idleWanted(now) * (1 - pressure));
    return Math.max(
        Math.max(wanted, reserved(needed, now)), settings.min() - connections.lent() - needed);
  }

  /** Idle connections for urgent requests while others wait: these are of no use unopened. */
  private int reserved(int needed, long now) {
    if (waiters.count() > needed) {
      for (ServiceClass each : Waiters.CLASSES) {
        if (waiters.count(each) > 0) {
          return reserve.against(each, limit(), now);
        }
      }
    }
    return 0;
  }

  private void grow(int wanted, long now) {
    int missing = wanted - connections.idle() - connections.opening();
    for (; missing > 0 && connections.size() < limit() && connections.mayOpen(now); missing--) {
      connections.open(now);
    }
  }

  private void shrink(int spare, long now) {
    long expired = now - settings.idleTtl().toNanos();
    while (connections.idle() > spare
        || (connections.coldestSince() <= expired && connections.live() > settings.min())) {
      connections.drainColdest(now);
    }
  }

  /**
   * Has {@link #settle} called when there will be something to do. A call too many does no harm.
   */
  private void arm(long now) {
    long next = connections.nextDeadline(now);
    if (connections.idle() > 0 && connections.live() > settings.min()) {
      next = Math.min(next, connections.coldestSince() + settings.idleTtl().toNanos());
    }
    if (waiters.count() > 0) {
      next = Math.min(next, waiters.oldest() + settings.patience().toNanos());
      if (connections.idle() > 0) {
        next = Math.min(next, now + RESERVED_NANOS);
      }
    }
    if (!closing) {
      next = Math.min(next, sizing.nextChange(now));
    }
    if (connections.size() > 0 || pressure > 0) {
      next = Math.min(next, nextLook);
    }
    next = Math.max(next, now + 1);
    if (next < armed) {
      armed = next;
      long at = next;
      loop.executeAt(
          at,
          () -> {
            if (armed == at) {
              armed = Long.MAX_VALUE;
              settle();
            }
          });
    }
  }
}
