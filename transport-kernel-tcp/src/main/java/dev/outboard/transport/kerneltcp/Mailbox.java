package dev.outboard.transport.kerneltcp;

import dev.outboard.spi.WorkerContext;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * What other threads have for a port, which its worker takes between bursts. Seldom used: looking
 * whether there is anything costs one read.
 */
final class Mailbox {
  /** One of the two is called, once. */
  interface Letter {
    /** The worker has it. */
    void deliver();

    /** The port is closed; any thread. */
    default void giveBack() {}
  }

  private final Queue<Letter> letters = new ArrayDeque<>();
  private volatile boolean waiting;
  private WorkerContext worker;
  private boolean closed;

  /** Any thread. */
  void post(Letter letter) {
    WorkerContext toWake;
    synchronized (this) {
      if (!closed) {
        letters.add(letter);
        waiting = true;
      }
      toWake = closed ? null : worker;
      if (!closed) {
        letter = null;
      }
    }
    if (letter != null) {
      letter.giveBack();
    } else if (toWake != null) {
      toWake.wake();
    }
  }

  /** Whether there is something; the worker, hot. */
  boolean isWaiting() {
    return waiting;
  }

  /** Whom to wake; null: nobody. The worker. */
  synchronized void bind(WorkerContext context) {
    worker = context;
  }

  /** Delivers all; the worker. */
  void deliverAll() {
    for (Letter letter = next(); letter != null; letter = next()) {
      letter.deliver();
    }
  }

  private synchronized Letter next() {
    Letter letter = letters.poll();
    waiting = !letters.isEmpty();
    return letter;
  }

  /** Nothing is taken any more; what is there goes back. */
  void close() {
    synchronized (this) {
      closed = true;
      worker = null;
    }
    for (Letter letter = next(); letter != null; letter = next()) {
      letter.giveBack();
    }
  }
}
