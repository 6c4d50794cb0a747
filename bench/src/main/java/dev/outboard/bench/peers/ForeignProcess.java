package dev.outboard.bench.peers;

import dev.outboard.integration.UserException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A program that is not ours, on one processor, which dies with the thread that started it: the
 * benchmark's, which lives as long as the benchmark. While another's turn is on it is stopped, for
 * a switch that polls would take the processor from who is measured.
 */
final class ForeignProcess implements AutoCloseable {
  private static final int END_SECONDS = 10;

  private final String name;
  private final Process process;

  /**
   * Starts it.
   *
   * @param cpus as {@code taskset -c} takes them
   * @param log gets what it says; null: it is read from the process, errors too
   */
  ForeignProcess(
      String name, String cpus, Map<String, String> environment, Path log, List<String> command)
      throws UserException {
    this.name = name;
    List<String> words =
        new ArrayList<>(List.of("setpriv", "--pdeathsig", "KILL", "--", "taskset", "-c", cpus));
    words.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
    builder.environment().putAll(environment);
    if (log != null) {
      builder.redirectOutput(log.toFile());
    }
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new UserException("can't start " + name + ": " + e.getMessage(), e);
    }
  }

  Process process() {
    return process;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  void pause() throws UserException {
    signal("-STOP");
  }

  void resume() throws UserException {
    signal("-CONT");
  }

  private void signal(String signal) throws UserException {
    run(List.of("kill", signal, Long.toString(process.pid())), Map.of());
    if (!process.isAlive()) {
      throw new UserException(name + " has ended");
    }
  }

  /** Runs a short command; what it printed. */
  static String run(List<String> command, Map<String, String> environment) throws UserException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    try {
      Process process = builder.start();
      process.getOutputStream().close();
      String said =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (process.waitFor() != 0) {
        throw new UserException("'%s' failed: %s".formatted(String.join(" ", command), said));
      }
      return said;
    } catch (IOException e) {
      throw new UserException(String.join(" ", command) + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserException("interrupted", e);
    }
  }

  @Override
  public void close() {
    Process _ = process.destroyForcibly();
    try {
      process.waitFor(END_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
