package dev.outboard.bench;

import dev.outboard.guest.GuestOptions;
import dev.outboard.linux.Processes;
import dev.outboard.linux.Threads;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * All guests of one kind of sidecar in a process of their own: thousands take most of the
 * descriptors that one process may have open, and so does their sidecar, which is a child of this.
 * The parent writes a line, it answers with one.
 */
final class NotifierDriver {
  private static final int POLL_MICROS = 50;

  private final SidecarGuests guests;
  private final int active;
  private NotifierLoad load;

  private NotifierDriver(SidecarGuests guests, int active) {
    this.guests = guests;
    this.active = active;
  }

  private String answer(String[] words) throws IOException {
    return switch (words[0]) {
      case "grow" -> grow(Integer.parseInt(words[1]));
      case "run" ->
          load.run(NotifierLoad.Kind.valueOf(words[1]), Double.parseDouble(words[2])).line();
      case "thread" -> Long.toString(guests.figures().thread());
      case "cpu" -> Long.toString(guests.figures().cpuNanos());
      case "memory" -> Long.toString(guests.memory());
      default -> throw new IOException("unknown: " + Arrays.toString(words));
    };
  }

  /** So many idle ones. */
  private String grow(int idle) throws IOException {
    guests.grow(active + NotifierLoad.PAIR + idle);
    if (load == null) {
      load = new NotifierLoad(guests, active);
    }
    return Integer.toString(idle);
  }

  /** Arguments: kind, directory, processors of drivers and worker, active and most guests. */
  public static void main(String[] args) throws Exception {
    String[] words = Child.wordsAfterBirth(args);
    long _ = Processes.raiseOpenFileLimit();
    NotifierKind kind = NotifierKind.valueOf(words[0]);
    int active = Integer.parseInt(words[4]);
    int busy = active + NotifierLoad.PAIR;
    try (SidecarGuests guests =
        new SidecarGuests(
            kind,
            Path.of(words[1]),
            Integer.parseInt(words[3]),
            POLL_MICROS,
            Integer.parseInt(words[5]),
            i -> GuestOptions.DEFAULT.withQueueSize(i < busy ? 256 : 16))) {
      NotifierDriver driver = new NotifierDriver(guests, active);
      Threads.pinCurrentThread(Integer.parseInt(words[2]));
      BufferedReader requests =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      System.out.println("ready");
      for (String line = requests.readLine(); line != null; line = requests.readLine()) {
        System.out.println(driver.answer(line.split(" ", -1)));
      }
    }
  }
}
