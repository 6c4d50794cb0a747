package dev.outboard.integration.plugins;

import dev.outboard.spi.TransportException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Calls a plugin so that it can do no more than fail: on a thread of its own, with its class loader
 * as the thread's, and with a deadline. Any thread may call; calls of one plugin come one after the
 * other.
 *
 * <p>Theory of operation. Java can't end a thread that does not want to. So one that hangs is left
 * behind, as a daemon thread, and whoever called goes on after the deadline. From then on the
 * plugin is not called any more: it would have to wait for a thread that never returns, and who
 * waits is the control thread, which all guests need.
 */
final class Guard {
  private static final long KEEP_SECONDS = 10;

  private final String plugin;
  private final Duration deadline;
  private final ThreadPoolExecutor thread;
  private volatile String hangs = "";

  /**
   * Guards one plugin.
   *
   * @param plugin its name
   * @param deadline how long a call may take
   */
  Guard(String plugin, ClassLoader loader, Duration deadline) {
    this.plugin = plugin;
    this.deadline = deadline;
    thread =
        new ThreadPoolExecutor(
            1,
            1,
            KEEP_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread made = new Thread(task, "plugin-" + plugin);
              made.setDaemon(true);
              made.setContextClassLoader(loader);
              return made;
            });
    thread.allowCoreThreadTimeOut(true);
  }

  /** What came of a call, in words that need no code of the plugin any more. */
  private record Outcome<T>(T value, Throwable thrown, String description) {}

  /**
   * Calls the plugin.
   *
   * @param what the method, for the message: {@code probe()}
   * @throws PluginFailure if it threw, or has not returned in time; the cause is what it threw
   */
  <T> T call(String what, Callable<T> call) throws PluginFailure {
    if (!hangs.isEmpty()) {
      throw new PluginFailure(
          "it is not used any more: its %s has not returned; restart the daemon without it"
              .formatted(hangs),
          null);
    }
    Future<Outcome<T>> answer = thread.submit(() -> outcome(what, call));
    try {
      Outcome<T> outcome = answer.get(deadline.toNanos(), TimeUnit.NANOSECONDS);
      if (outcome.thrown != null) {
        throw new PluginFailure(outcome.description, outcome.thrown);
      }
      return outcome.value;
    } catch (TimeoutException e) {
      hangs = what;
      answer.cancel(true);
      throw new PluginFailure("%s has not returned within %s s".formatted(what, seconds()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PluginFailure(what + " was interrupted", e);
    } catch (ExecutionException e) {
      throw new PluginFailure(what + " failed: " + Lines.one(e.getMessage()), e);
    }
  }

  /** The same for what gives no answer. */
  void run(String what, Action action) throws PluginFailure {
    call(
        what,
        () -> {
          action.run();
          return true;
        });
  }

  /** A failure as a line for who does not know that it is about a plugin. */
  String line(PluginFailure e) {
    return e.getCause() instanceof TransportException
        ? e.getMessage()
        : "plugin '" + plugin + "': " + e.getMessage();
  }

  /** As {@link #run} for what can't fail: a failure is a line in the log. */
  void clear(String what, Action action) {
    try {
      run(what, action);
    } catch (PluginFailure e) {
      System.getLogger("outboard").log(System.Logger.Level.WARNING, line(e));
    }
  }

  /** What may throw. */
  interface Action {
    void run() throws Exception;
  }

  /** Even the message of what was thrown is code of the plugin's. */
  private static <T> Outcome<T> outcome(String what, Callable<T> call) {
    try {
      return new Outcome<>(call.call(), null, "");
    } catch (Throwable e) {
      return new Outcome<>(null, e, describe(what, e));
    }
  }

  private static String describe(String what, Throwable e) {
    try {
      return switch (e) {
        case TransportException said -> Lines.one(said.getMessage());
        case NonsenseException nonsense -> Lines.one(nonsense.getMessage());
        default -> what + " threw " + Lines.one(e.toString());
      };
    } catch (RuntimeException | Error broken) {
      return what + " threw " + e.getClass().getName();
    }
  }

  private String seconds() {
    return deadline.toMillis() % 1000 == 0
        ? "" + deadline.toSeconds()
        : "" + deadline.toMillis() / 1000.0;
  }
}
