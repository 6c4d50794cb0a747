package dev.outboard.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** One kind of sidecar with its guests, both in processes of their own. The benchmark's thread. */
final class NotifierArm implements AutoCloseable {
  private final NotifierKind kind;
  private final Process process;
  private final BufferedReader answers;
  private final PrintWriter requests;

  /**
   * Starts both.
   *
   * @param most how many guests there may be
   */
  NotifierArm(NotifierKind kind, Path directory, int driverCpu, int workerCpu, int active, int most)
      throws IOException {
    this.kind = kind;
    Files.createDirectories(directory);
    process =
        Child.start(
            NotifierDriver.class,
            kind.name(),
            directory.toString(),
            Integer.toString(driverCpu),
            Integer.toString(workerCpu),
            Integer.toString(active),
            Integer.toString(most));
    answers = process.inputReader(StandardCharsets.UTF_8);
    requests = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
    String _ = read();
  }

  NotifierKind kind() {
    return kind;
  }

  /** Adds guests until so many are idle, besides the active ones. */
  void grow(int idle) throws IOException {
    String _ = ask("grow " + idle);
  }

  NotifierLoad.Result run(NotifierLoad.Kind load, double seconds) throws IOException {
    return NotifierLoad.Result.of(ask("run " + load.name() + " " + seconds));
  }

  /** The kernel's number of the worker's thread. */
  long thread() throws IOException {
    return Long.parseLong(ask("thread"));
  }

  /** The worker's processor time. */
  long cpuNanos() throws IOException {
    return Long.parseLong(ask("cpu"));
  }

  /** Bytes of the sidecar's own memory. */
  long memory() throws IOException {
    return Long.parseLong(ask("memory"));
  }

  private String ask(String line) throws IOException {
    requests.println(line);
    return read();
  }

  private String read() throws IOException {
    String answer = answers.readLine();
    if (answer == null) {
      throw new IOException("the guests with " + kind.label() + " have ended");
    }
    return answer;
  }

  @Override
  public void close() {
    requests.close();
    Child.end(process);
  }
}
