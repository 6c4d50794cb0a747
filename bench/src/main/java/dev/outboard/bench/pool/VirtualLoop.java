package dev.outboard.bench.pool;

import dev.outboard.transport.kerneltcp.pool.PoolLoop;
import java.util.ArrayDeque;
import java.util.PriorityQueue;

/**
 * A clock that jumps from event to event, and the one thread there is. Tasks of one time run in the
 * order in which they were given.
 */
final class VirtualLoop implements PoolLoop {
  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final ArrayDeque<Runnable> soon = new ArrayDeque<>();
  private long now;
  private long given;

  private record Event(long at, long number, Runnable task) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      return at != other.at ? Long.compare(at, other.at) : Long.compare(number, other.number);
    }
  }

  @Override
  public long nanoTime() {
    return now;
  }

  @Override
  public void execute(Runnable task) {
    soon.add(task);
  }

  @Override
  public void executeAt(long nanos, Runnable task) {
    events.add(new Event(Math.max(nanos, now), given++, task));
  }

  /** Runs all that happens before a time, and sets the clock to it. */
  void runUntil(long end) {
    runSoon();
    while (!events.isEmpty() && events.peek().at() < end) {
      Event event = events.remove();
      now = event.at();
      event.task().run();
      runSoon();
    }
    now = end;
  }

  private void runSoon() {
    for (Runnable task = soon.poll(); task != null; task = soon.poll()) {
      task.run();
    }
  }
}
