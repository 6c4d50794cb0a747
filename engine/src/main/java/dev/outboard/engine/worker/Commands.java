package dev.outboard.engine.worker;

import dev.outboard.spi.Notifier;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * What a worker is to do between two bursts, and its sleep, which a command ends. Any thread adds;
 * the rest is the worker's own.
 */
final class Commands {
  private final Notifier notifier;
  private final ConcurrentLinkedQueue<Runnable> queue = new ConcurrentLinkedQueue<>();
  private final Object wakeLock = new Object();
  private volatile boolean sleeping;
  private boolean closed;

  Commands(Notifier notifier) {
    this.notifier = notifier;
  }

  /** Adds one at the end. Any thread, also when the worker has ended: then it is not run. */
  void add(Runnable command) {
    queue.add(command);
    if (sleeping) {
      synchronized (wakeLock) {
        if (!closed) {
          notifier.wake();
        }
      }
    }
  }

  /** Runs all there are. */
  void run() {
    if (queue.isEmpty()) {
      return;
    }
    for (Runnable command = queue.poll(); command != null; command = queue.poll()) {
      command.run();
    }
  }

  /** Sleeps in the notifier unless there is a command; returns how many tokens there are then. */
  int await(long nanos) {
    sleeping = true;
    int tokens = queue.isEmpty() ? notifier.await(nanos) : 0;
    sleeping = false;
    return tokens;
  }

  /** Closes the notifier: nobody is woken by it any more. */
  void close() {
    synchronized (wakeLock) {
      closed = true;
      notifier.close();
    }
  }
}
