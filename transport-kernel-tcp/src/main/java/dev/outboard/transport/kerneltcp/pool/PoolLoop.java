package dev.outboard.transport.kerneltcp.pool;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The thread and the clock of a pool. Tasks run one after the other, in the order in which they
 * were given; that is all the locking a pool has. Any thread may call these.
 */
public interface PoolLoop {
  /** Nanoseconds of a clock that never goes back; its zero means nothing. */
  long nanoTime();

  /** Runs a task soon, never within this call. */
  void execute(Runnable task);

  /** Runs a task when the clock has come to this time, or soon if it has already. */
  void executeAt(long nanos, Runnable task);

  /**
   * A loop on an executor with <em>one</em> thread, such as a Netty event loop. The executor stays
   * the caller's, to be shut down after the pools are closed.
   */
  static PoolLoop of(ScheduledExecutorService executor) {
    return new PoolLoop() {
      @Override
      public long nanoTime() {
        return System.nanoTime();
      }

      @Override
      public void execute(Runnable task) {
        executor.execute(task);
      }

      @Override
      public void executeAt(long nanos, Runnable task) {
        var _ =
            executor.schedule(task, Math.max(0, nanos - System.nanoTime()), TimeUnit.NANOSECONDS);
      }
    };
  }
}
