package dev.outboard.bench;

import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.vhost.VhostUserFrontend;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;

/** A sidecar with one worker and its guests, whose drivers are here. One thread, the drivers'. */
final class SidecarGuests implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** So few attach at a time that the queue of connections is never full. */
  private static final int BATCH = 50;

  private final NotifierKind kind;
  private final Path directory;
  private final Process process;
  private final BufferedReader answers;
  private final PrintWriter requests;
  private final IntFunction<GuestOptions> options;
  private final List<VhostUserGuest> guests = new ArrayList<>();

  /**
   * What the worker has done since its start.
   *
   * @param thread its number in the kernel
   * @param cpuNanos processor time
   */
  record Figures(
      long thread, long cpuNanos, long calls, long callSystemCalls, long sleeps, long loops) {}

  /**
   * Starts a sidecar without guests.
   *
   * @param pollMicros how long it goes on looking for a guest's frames, at most
   * @param most how many guests there may be
   * @param options what guests are like, by their number
   */
  SidecarGuests(
      NotifierKind kind,
      Path directory,
      int cpu,
      int pollMicros,
      int most,
      IntFunction<GuestOptions> options)
      throws IOException {
    this.options = options;
    this.kind = kind;
    this.directory = directory;
    Files.createDirectories(directory);
    process =
        Child.start(
            SidecarProcess.class,
            kind.name(),
            directory.toString(),
            Integer.toString(cpu),
            Integer.toString(pollMicros),
            Integer.toString(most));
    answers = process.inputReader(StandardCharsets.UTF_8);
    requests = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
    String _ = read();
  }

  VhostUserGuest guest(int number) {
    return guests.get(number);
  }

  /** Adds guests until there are so many. */
  void grow(int to) throws IOException {
    while (guests.size() < to) {
      int from = guests.size();
      int end = Math.min(to, from + BATCH);
      String _ = ask("attach " + from + " " + end);
      for (int i = from; i < end; i++) {
        guests.add(
            VhostUserGuest.start(
                Guests.id(i),
                options.apply(i),
                VhostUserFrontend.connect(directory.resolve(Guests.id(i) + ".sock"), PATIENCE)));
      }
    }
    String _ = ask("running " + to);
  }

  Figures figures() throws IOException {
    long[] all = Arrays.stream(ask("figures").split(" ", -1)).mapToLong(Long::parseLong).toArray();
    return new Figures(all[0], all[1], all[2], all[3], all[4], all[5]);
  }

  /** Bytes of the sidecar's own memory. */
  long memory() throws IOException {
    return Long.parseLong(ask("memory"));
  }

  /** Bytes of its heap that are in use. */
  long heap() throws IOException {
    return Long.parseLong(ask("heap"));
  }

  /** What it keeps for each guest, as {@link GuestState.Part}s. */
  String state() throws IOException {
    return ask("state");
  }

  /** Stops the whole process, or has it go on. */
  void pause(boolean stop) throws IOException {
    Process kill =
        new ProcessBuilder("kill", stop ? "-STOP" : "-CONT", Long.toString(process.pid()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    if (kill.onExit().join().exitValue() != 0) {
      throw new IOException("the sidecar has ended");
    }
  }

  private String ask(String line) throws IOException {
    requests.println(line);
    return read();
  }

  private String read() throws IOException {
    String answer = answers.readLine();
    if (answer == null) {
      throw new IOException("the sidecar with " + kind.label() + " has ended");
    }
    return answer;
  }

  @Override
  public void close() {
    requests.close();
    try {
      pause(false);
    } catch (IOException e) {
      // It has ended.
    }
    Child.end(process);
    guests.forEach(VhostUserGuest::close);
  }
}
