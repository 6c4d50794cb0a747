package dev.outboard.transport.kerneltcp.pool;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A loop whose time passes when a test says so: everything happens in one order, every time. */
final class ManualLoop implements PoolLoop {
  private final ArrayDeque<Runnable> soon = new ArrayDeque<>();
  private final List<Timer> timers = new ArrayList<>();
  private long now = 1_000;

  private record Timer(long at, Runnable task) {}

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
    timers.add(new Timer(nanos, task));
  }

  /** Runs what was given. */
  void run() {
    for (Runnable task = soon.poll(); task != null; task = soon.poll()) {
      task.run();
    }
  }

  /** Runs what was given, and what is due until then. */
  void pass(double seconds) {
    run();
    long end = now + (long) (seconds * 1e9);
    while (true) {
      Timer next = timers.stream().min(Comparator.comparingLong(Timer::at)).orElse(null);
      if (next == null || next.at() > end) {
        break;
      }
      timers.remove(next);
      now = Math.max(now, next.at());
      next.task().run();
      run();
    }
    now = end;
  }
}
