package dev.outboard.transport.kerneltcp.pool;

import dev.outboard.transport.kerneltcp.pool.Slot.State;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The connections of a pool, from being opened to being closed, and what the peer or time does to
 * them meanwhile. It decides nothing: {@link ConnectionPool} says how many there are to be. Private
 * to the pool, used on its loop.
 */
final class Connections<C extends PooledConnection> {
  private static final long FIRST_PAUSE_NANOS = 100_000_000L;
  private static final long LONGEST_PAUSE_NANOS = 10_000_000_000L;
  private static final long MIX = 0x9E3779B97F4A7C15L;

  private final PoolSettings settings;
  private final long patience;
  private final long checkEvery;
  private final Connector<C> connector;
  private final PoolLoop loop;
  private final Meter meter;
  private final Runnable changed;

  /** Most recently used last: that one is lent next, so the first grow cold and are let go. */
  private final Deque<Slot<C>> idle = new ArrayDeque<>();

  /** In the order of their deadlines; some may have left the state. */
  private final Deque<Slot<C>> opening = new ArrayDeque<>();

  private final Deque<Slot<C>> draining = new ArrayDeque<>();
  private Slot<C> checked;
  private long checkedSince;

  /** No idle connection is due for a check before. */
  private long nextCheck;

  private long pause;
  private long notBefore = Long.MIN_VALUE;
  private Throwable lastFailure;

  Connections(
      PoolSettings settings, Connector<C> connector, PoolLoop loop, Meter meter, Runnable changed) {
    this.settings = settings;
    this.connector = connector;
    this.loop = loop;
    this.meter = meter;
    this.changed = changed;
    patience = settings.patience().toNanos();
    checkEvery = settings.checkEvery().toNanos();
    nextCheck = loop.nanoTime() + checkEvery;
  }

  int size() {
    return meter.size();
  }

  int idle() {
    return idle.size();
  }

  int opening() {
    return meter.in(State.OPENING);
  }

  /** Neither closed nor about to be. */
  int live() {
    return size() - meter.in(State.DRAINING);
  }

  int lent() {
    return meter.in(State.LENT);
  }

  /** Why the last opening failed; null since one has not. */
  Throwable lastFailure() {
    return lastFailure;
  }

  /** Forgets that openings have failed. */
  void retryNow() {
    pause = 0;
    notBefore = Long.MIN_VALUE;
  }

  boolean mayOpen(long now) {
    return opening() < settings.maxOpening() && now >= notBefore;
  }

  void open(long now) {
    Slot<C> slot = new Slot<>(now);
    meter.opened++;
    meter.moved(null, State.OPENING, now);
    opening.add(slot);
    CompletionStage<C> stage;
    try {
      stage = connector.open();
    } catch (RuntimeException e) {
      stage = CompletableFuture.failedFuture(e);
    }
    stage.whenComplete((made, failure) -> loop.execute(() -> opened(slot, made, failure)));
  }

  private void opened(Slot<C> slot, C made, Throwable failure) {
    long now = loop.nanoTime();
    if (slot.state != State.OPENING) {
      if (made != null) {
        made.close();
      }
      return;
    }
    if (made == null) {
      failed(slot, failure, now);
    } else {
      pause = 0;
      lastFailure = null;
      slot.connection = made;
      slot.seen = now;
      toIdle(slot, now);
      made.ended().whenComplete((_, _) -> loop.execute(() -> ended(slot)));
    }
    changed.run();
  }

  /**
   * Pauses double, and differ from pool to pool: a peer that restarts isn't called by all at once.
   */
  private void failed(Slot<C> slot, Throwable failure, long now) {
    meter.failedOpenings++;
    lastFailure = failure;
    if (now >= notBefore) {
      pause = Math.clamp(2 * pause, FIRST_PAUSE_NANOS, LONGEST_PAUSE_NANOS);
      notBefore = now + pause / 2 + ((now * MIX) >>> 1) % (pause / 2);
    }
    move(slot, State.CLOSED, now);
  }

  private void ended(Slot<C> slot) {
    long now = loop.nanoTime();
    switch (slot.state) {
      case IDLE -> breakIdle(slot, now);
      case LENT -> slot.broken = true;
      case OPENING, DRAINING, CLOSED -> {
        return;
      }
    }
    changed.run();
  }

  /** Takes out the one that was used last. A check may be under way on it, and goes on. */
  Slot<C> lend(ServiceClass owner, long now) {
    Slot<C> slot = idle.removeLast();
    slot.owner = owner;
    move(slot, State.LENT, now);
    return slot;
  }

  /** The connection that will be lent next. */
  C next() {
    return idle.peekLast().connection;
  }

  void takeBack(Slot<C> slot, boolean reusable, long now) {
    if (slot.broken) {
      meter.broken++;
      close(slot, now);
    } else if (reusable) {
      slot.seen = now;
      toIdle(slot, now);
    } else {
      drain(slot, now);
    }
  }

  private void toIdle(Slot<C> slot, long now) {
    move(slot, State.IDLE, now);
    idle.add(slot);
  }

  /** Lets the one go that was not used for longest. */
  void drainColdest(long now) {
    drain(idle.removeFirst(), now);
  }

  /** When the one that was not used for longest became idle, or {@code Long.MAX_VALUE}. */
  long coldestSince() {
    return idle.isEmpty() ? Long.MAX_VALUE : idle.peekFirst().since;
  }

  private void drain(Slot<C> slot, long now) {
    meter.drained++;
    move(slot, State.DRAINING, now);
    draining.add(slot);
    slot.connection.drain().whenComplete((_, _) -> loop.execute(() -> drained(slot)));
  }

  private void drained(Slot<C> slot) {
    if (slot.state == State.DRAINING) {
      close(slot, loop.nanoTime());
      changed.run();
    }
  }

  private void breakIdle(Slot<C> slot, long now) {
    meter.broken++;
    idle.remove(slot);
    close(slot, now);
  }

  private void close(Slot<C> slot, long now) {
    move(slot, State.CLOSED, now);
    slot.connection.close();
  }

  private void move(Slot<C> slot, State to, long now) {
    meter.moved(slot.state, to, now);
    slot.state = to;
    slot.since = now;
  }

  /** Does what is due, and begins a check if one is. */
  void tick(long now) {
    forgetOthers(opening, State.OPENING);
    while (!opening.isEmpty() && now - opening.peek().since >= patience) {
      failed(opening.remove(), new PoolException("it did not answer in time", null), now);
      forgetOthers(opening, State.OPENING);
    }
    forgetOthers(draining, State.DRAINING);
    while (!draining.isEmpty() && now - draining.peek().since >= patience) {
      close(draining.remove(), now);
      forgetOthers(draining, State.DRAINING);
    }
    if (checked != null && now - checkedSince >= patience) {
      checkFailed(checked, now);
    }
    if (checked == null && !idle.isEmpty() && now >= nextCheck) {
      check(now);
    }
  }

  private void forgetOthers(Deque<Slot<C>> queue, State state) {
    while (!queue.isEmpty() && queue.peek().state != state) {
      queue.remove();
    }
  }

  private void check(long now) {
    Slot<C> oldest = idle.peekFirst();
    for (Slot<C> each : idle) {
      oldest = each.seen < oldest.seen ? each : oldest;
    }
    nextCheck = oldest.seen + checkEvery;
    if (now >= nextCheck) {
      Slot<C> chosen = oldest;
      checked = chosen;
      checkedSince = now;
      chosen
          .connection
          .check()
          .whenComplete((lives, _) -> loop.execute(() -> answered(chosen, lives)));
    }
  }

  private void answered(Slot<C> slot, Boolean lives) {
    if (checked != slot) {
      return;
    }
    long now = loop.nanoTime();
    if (lives != null && lives) {
      slot.seen = now;
      checked = null;
    } else {
      checkFailed(slot, now);
    }
    changed.run();
  }

  private void checkFailed(Slot<C> slot, long now) {
    checked = null;
    if (slot.state == State.IDLE) {
      breakIdle(slot, now);
    } else {
      slot.broken = true;
    }
  }

  /** When {@link #tick} has something to do, or an opening may be tried again. */
  long nextDeadline(long now) {
    forgetOthers(opening, State.OPENING);
    forgetOthers(draining, State.DRAINING);
    long next = notBefore > now ? notBefore : Long.MAX_VALUE;
    if (!opening.isEmpty()) {
      next = Math.min(next, opening.peek().since + patience);
    }
    if (!draining.isEmpty()) {
      next = Math.min(next, draining.peek().since + patience);
    }
    if (checked != null) {
      next = Math.min(next, checkedSince + patience);
    } else if (!idle.isEmpty()) {
      next = Math.min(next, nextCheck);
    }
    return next;
  }
}
