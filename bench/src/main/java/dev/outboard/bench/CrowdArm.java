package dev.outboard.bench;

import dev.outboard.integration.compare.Cpus;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** One crowd with its sidecar, in processes of their own. The benchmark's thread. */
final class CrowdArm implements AutoCloseable {
  private final Crowd crowd;
  private final Process process;
  private final BufferedReader answers;
  private final PrintWriter requests;

  /** How many guests there are and how many of them send. */
  record Crowd(int guests, int active) {
    String label() {
      return "%,d, %,d active".formatted(guests, active);
    }
  }

  /** Attaches all guests; then they are silent. */
  CrowdArm(Crowd crowd, Path directory, Cpus cpus, int ring) throws IOException {
    this.crowd = crowd;
    Files.createDirectories(directory);
    process =
        Child.start(
            CrowdDriver.class,
            directory.toString(),
            Integer.toString(cpus.first()),
            Integer.toString(cpus.second()),
            Integer.toString(crowd.guests()),
            Integer.toString(crowd.active()),
            Integer.toString(ring));
    answers = process.inputReader(StandardCharsets.UTF_8);
    requests = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
    String _ = read();
  }

  Crowd crowd() {
    return crowd;
  }

  CrowdLoad.Result run(int frames, double seconds) throws IOException {
    return CrowdLoad.Result.of(ask("run " + frames + " " + seconds));
  }

  /** Bytes of the sidecar's heap for each guest. */
  long heapPerGuest() throws IOException {
    return Long.parseLong(ask("heap"));
  }

  /** Bytes of the sidecar's own memory for each guest, outside of the heap too. */
  long memoryPerGuest() throws IOException {
    return Long.parseLong(ask("memory"));
  }

  /** What of the heap is the state on the way of frames. */
  List<GuestState.Part> state() throws IOException {
    return Stream.of(ask("state").split(";", -1))
        .filter(part -> !part.isEmpty())
        .map(GuestState.Part::of)
        .toList();
  }

  private String ask(String line) throws IOException {
    requests.println(line);
    return read();
  }

  private String read() throws IOException {
    String answer = answers.readLine();
    if (answer == null) {
      throw new IOException("the crowd of " + crowd.label() + " has ended");
    }
    return answer;
  }

  @Override
  public void close() {
    requests.close();
    Child.end(process);
  }
}
