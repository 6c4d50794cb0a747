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

/**
 * A sidecar of one kind and its guests, whose drivers are here. {@link NotifierDriver}'s thread.
 */
final class NotifierGuests implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** So few attach at a time that the queue of connections is never full. */
  private static final int BATCH = 50;

  private final NotifierKind kind;
  private final Path directory;
  private final Process process;
  private final BufferedReader answers;
  private final PrintWriter requests;
  private final List<VhostUserGuest> guests = new ArrayList<>();

  /**
   * What the worker has done since its start.
   *
   * @param thread its number in the kernel
   * @param cpuNanos processor time
   */
  record Figures(
      long thread, long cpuNanos, long calls, long callSystemCalls, long sleeps, long loops) {}

  NotifierGuests(NotifierKind kind, Path directory, int cpu, int most) throws IOException {
    this.kind = kind;
    this.directory = directory;
    Files.createDirectories(directory);
    process =
        Child.start(
            NotifierProcess.class,
            kind.name(),
            directory.toString(),
            Integer.toString(cpu),
            Integer.toString(most));
    answers = process.inputReader(StandardCharsets.UTF_8);
    requests = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
    String _ = read();
  }

  VhostUserGuest guest(int number) {
    return guests.get(number);
  }

  /** Adds guests until there are so many; those below the limit have larger rings. */
  void grow(int to, int large) throws IOException {
    while (guests.size() < to) {
      int from = guests.size();
      int end = Math.min(to, from + BATCH);
      String _ = ask("attach " + from + " " + end);
      for (int i = from; i < end; i++) {
        GuestOptions options = GuestOptions.DEFAULT.withQueueSize(i < large ? 256 : 16);
        guests.add(
            VhostUserGuest.start(
                Guests.id(i),
                options,
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
    Child.end(process);
    guests.forEach(VhostUserGuest::close);
  }
}
