package dev.outboard.integration.rest;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Ends swaps that nobody goes on with: the tool that prepared them was killed, or lost its
 * connection. Any thread. Its own thread is there while there are swaps.
 */
final class ForgottenSwaps implements AutoCloseable {
  /** Longer than any tool waits between two steps, shorter than anybody wants to find out. */
  static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Duration patience;
  private final Consumer<String> end;
  private final Map<String, ScheduledFuture<?>> due = new HashMap<>();
  private final ScheduledThreadPoolExecutor timer;

  /**
   * Watches nothing yet.
   *
   * @param end ends a swap
   */
  ForgottenSwaps(Duration patience, Consumer<String> end) {
    this.patience = patience;
    this.end = end;
    timer =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("forgotten-swaps").factory());
    timer.setRemoveOnCancelPolicy(true);
    timer.setKeepAliveTime(1, TimeUnit.SECONDS);
    timer.allowCoreThreadTimeOut(true);
  }

  /** Somebody has taken a step of it. */
  synchronized void touched(String id) {
    over(id);
    if (!timer.isShutdown()) {
      due.put(id, timer.schedule(() -> expired(id), patience.toMillis(), TimeUnit.MILLISECONDS));
    }
  }

  /** It has ended. */
  synchronized void over(String id) {
    ScheduledFuture<?> before = due.remove(id);
    if (before != null) {
      before.cancel(false);
    }
  }

  private void expired(String id) {
    synchronized (this) {
      due.remove(id);
    }
    end.accept(id);
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
