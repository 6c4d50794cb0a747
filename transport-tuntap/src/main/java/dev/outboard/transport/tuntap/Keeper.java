package dev.outboard.transport.tuntap;

import dev.outboard.linux.LinuxException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * The thread that does what the control thread should not wait for: fill the pool, delete devices.
 * It is started by the thread that opens the transport, and so works in the same network namespace.
 */
final class Keeper implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Keeper.class.getName());

  private final TapPool pool;
  private final Bridges bridges;
  private final Thread thread;
  private boolean due = true;
  private boolean closed;

  Keeper(String uplink, TapPool pool, Bridges bridges) {
    this.pool = pool;
    this.bridges = bridges;
    thread = Thread.ofPlatform().daemon().name("tuntap-keeper-" + uplink).start(this::run);
  }

  /** Says that there may be something to do. Any thread. */
  synchronized void wake() {
    due = true;
    notifyAll();
  }

  private void run() {
    while (awaitWork()) {
      try {
        bridges.tidy();
        pool.tidy();
      } catch (LinuxException e) {
        // Nothing is lost: the next port that is opened makes its own devices, and meets the same
        // error where its user can read it.
        LOG.log(Level.WARNING, "tidying up TAPs and bridges: {0}", e.getMessage());
      }
    }
  }

  /** Whether to go on. */
  private synchronized boolean awaitWork() {
    while (!due && !closed) {
      try {
        wait();
      } catch (InterruptedException e) {
        return false;
      }
    }
    due = false;
    return !closed;
  }

  /** Waits until what is being done is done. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
