package dev.outboard.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Child processes that cannot outlive the test JVM. The kernel kills each of them when its parent
 * dies (PR_SET_PDEATHSIG), so that even a kill -9 of the tests leaves no guest behind. To the
 * kernel the parent is the <em>thread</em> that started the child; therefore all children are
 * started by one thread that never ends.
 */
public final class Processes {
  private static final ExecutorService SPAWNER =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "lab-spawner");
            thread.setDaemon(true);
            return thread;
          });

  private Processes() {}

  /** Starts a tied child; its standard error is joined to its standard output. */
  public static Process start(List<String> command, Map<String, String> environment) {
    List<String> tied = new ArrayList<>(List.of("setpriv", "--pdeathsig", "KILL", "--"));
    tied.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(tied).redirectErrorStream(true);
    builder.environment().putAll(environment);
    try {
      return SPAWNER.submit(builder::start).get();
    } catch (InterruptedException e) {
      throw interrupted(e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("cannot start " + String.join(" ", command), e.getCause());
    }
  }

  public static Process start(String... command) {
    return start(List.of(command), Map.of());
  }

  /** Runs a command to its end and returns what it printed; anything but exit 0 is an error. */
  public static String run(Duration timeout, List<String> command) {
    Process process = start(command, Map.of());
    try {
      Thread killer = Thread.ofVirtual().start(() -> killAfter(process, timeout));
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int exit = process.waitFor();
      killer.interrupt();
      if (exit != 0) {
        throw new IllegalStateException(
            String.join(" ", command) + " ended with " + exit + ": " + output.strip());
      }
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    } finally {
      kill(process);
    }
  }

  public static String run(String... command) {
    return run(Duration.ofSeconds(30), List.of(command));
  }

  /** Kills the process and waits until it is gone. */
  public static void kill(Process process) {
    process.destroyForcibly();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  static IllegalStateException interrupted(InterruptedException cause) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("interrupted", cause);
  }

  private static void killAfter(Process process, Duration timeout) {
    try {
      if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the process ended in time
    }
  }
}
