package dev.outboard.testkit;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The thread that makes all control calls, as the sidecar has one. It is a new platform thread, so
 * a suite may move it to another network; workers are started by it and follow.
 */
final class ControlThread implements AutoCloseable {
  /** A rule is a handful of waits, each of which has its own deadline. */
  private static final int WAITS = 10;

  /** A rule, or a part of one. */
  interface Task {
    Object run() throws Throwable;
  }

  private final BlockingQueue<FutureTask<Object>> tasks = new LinkedBlockingQueue<>();
  private final Duration patience;
  private final FutureTask<Object> prepared;
  private final Thread thread;
  private volatile boolean ended;
  private volatile boolean lost;

  ControlThread(TransportKit kit) {
    patience = kit.patience();
    prepared =
        new FutureTask<>(
            () -> {
              kit.prepare();
              return null;
            });
    tasks.add(prepared);
    thread = Thread.ofPlatform().name("kit-control").daemon().start(this::serve);
  }

  private void serve() {
    try {
      while (!ended) {
        tasks.take().run();
      }
    } catch (InterruptedException e) {
      // The end.
    }
  }

  /** Whether it hangs in a rule. */
  boolean isLost() {
    return lost;
  }

  /** Runs a rule there; what that throws is thrown here. */
  void run(Task task) throws Throwable {
    await(prepared);
    FutureTask<Object> run =
        new FutureTask<>(
            () -> {
              try {
                return task.run();
              } catch (Exception | Error e) {
                throw e;
              } catch (Throwable e) {
                throw new AssertionError(e);
              }
            });
    tasks.add(run);
    await(run);
  }

  private void await(FutureTask<Object> task) throws Throwable {
    try {
      Object _ = task.get(WAITS * patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw e.getCause();
    } catch (TimeoutException e) {
      lost = true;
      AssertionError error = new AssertionError("a control call hangs: " + Stacks.top(thread), e);
      thread.interrupt();
      throw error;
    }
  }

  @Override
  public void close() {
    ended = true;
    thread.interrupt();
    try {
      boolean _ = thread.join(patience);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
