package dev.outboard.restart;

import dev.outboard.integration.DaemonJvm;
import dev.outboard.lab.Processes;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A daemon in a process of its own whose start is not waited for: what connects to it does so as
 * soon as it can.
 */
final class DaemonProcess implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 60;

  private final Process process;
  private final ConcurrentLinkedQueue<String> lines = new ConcurrentLinkedQueue<>();
  private final CompletableFuture<Long> firstLine = new CompletableFuture<>();
  private final CompletableFuture<Long> ready = new CompletableFuture<>();
  private final Thread reader;

  /** Starts {@code outboard run} with these arguments. */
  DaemonProcess(List<String> java, String... arguments) {
    List<String> command = new ArrayList<>(java);
    command.add("run");
    command.addAll(List.of(arguments));
    process = Processes.start(command, Map.of());
    reader = Thread.ofPlatform().daemon().name("daemon-output").start(this::read);
  }

  /** The JVM as the launcher starts it, with the classes under test, and our main class. */
  static List<String> java() {
    return DaemonJvm.command();
  }

  private void read() {
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        lines.add(line);
        firstLine.complete(System.nanoTime());
        if (line.startsWith("ready")) {
          ready.complete(System.nanoTime());
        }
      }
    } catch (IOException e) {
      lines.add(e.getMessage());
    }
    ready.completeExceptionally(new IOException("the daemon has ended: " + said()));
  }

  /** Everything it has said. */
  String said() {
    return String.join("\n", lines);
  }

  /** Its process; of a wrapper, if it was started through one. */
  ProcessHandle handle() {
    return process.toHandle();
  }

  /** Waits until it has said so; gives the time. */
  long awaitReady() throws InterruptedException {
    try {
      return ready.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("not ready: " + said(), e);
    }
  }

  /** Whether it has said that it is ready. */
  boolean isReady() {
    return ready.isDone();
  }

  /** When it printed its first line: it had read its configuration by then. */
  long firstLineAt() {
    return firstLine.join();
  }

  /** How long guests stood still while it took them over, as it says itself. */
  long standstillNanos() {
    String text = said().replaceFirst("(?s).*stood still for ([0-9.]+) ms.*", "$1");
    return (long) (Double.parseDouble(text) * 1e6);
  }

  /** SIGKILL, in the middle of whatever it does; returns when it is gone. */
  void kill() {
    Processes.kill(process);
  }

  /** Waits for its own end; gives its exit code. */
  int awaitEnd() throws InterruptedException {
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException("did not end: " + said());
    }
    reader.join();
    return process.exitValue();
  }

  @Override
  public void close() {
    kill();
  }
}
