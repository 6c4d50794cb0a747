package dev.outboard.bench;

import dev.outboard.guest.ChainShape;
import dev.outboard.guest.GuestOptions;
import dev.outboard.linux.IoUringRefusal;
import dev.outboard.linux.Processes;
import dev.outboard.linux.Threads;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * All guests of one crowd in a process of their own, with a sidecar of their own, which is stopped
 * while nothing is asked of it. The parent writes a line, it answers with one.
 */
final class CrowdDriver {
  /** Who is active stays so from batch to batch, however long it takes to make one. */
  private static final int POLL_MICROS = 1_000_000;

  private final SidecarGuests guests;
  private final CrowdLoad load;
  private final int count;
  private final long emptyHeap;
  private final long emptyMemory;

  private CrowdDriver(SidecarGuests guests, int count, int active) throws IOException {
    this.guests = guests;
    this.count = count;
    emptyHeap = guests.heap();
    emptyMemory = guests.memory();
    guests.grow(count);
    load = new CrowdLoad(guests, count, active);
  }

  private String answer(String[] words) throws IOException {
    return switch (words[0]) {
      case "run" -> load.run(Integer.parseInt(words[1]), Double.parseDouble(words[2])).line();
      case "heap" -> Long.toString((guests.heap() - emptyHeap) / count);
      case "memory" -> Long.toString((guests.memory() - emptyMemory) / count);
      case "state" -> guests.state();
      default -> throw new IOException("unknown: " + Arrays.toString(words));
    };
  }

  /** Buffers as Linux drivers make them, but few. */
  private static GuestOptions options(int ring) {
    int buffer = 2048;
    return GuestOptions.DEFAULT
        .withQueueSize(ring)
        .withTx(ChainShape.SINGLE, buffer)
        .withRx(ChainShape.SINGLE, buffer);
  }

  /** Arguments: directory, processors of drivers and worker, guests, active ones, ring. */
  public static void main(String[] args) throws Exception {
    String[] words = Child.wordsAfterBirth(args);
    long _ = Processes.raiseOpenFileLimit();
    int count = Integer.parseInt(words[3]);
    int ring = Integer.parseInt(words[5]);
    NotifierKind kind =
        IoUringRefusal.probe().isEmpty() ? NotifierKind.IOURING : NotifierKind.EPOLL_50;
    try (SidecarGuests guests =
        new SidecarGuests(
            kind,
            Path.of(words[0]),
            Integer.parseInt(words[2]),
            POLL_MICROS,
            count,
            _ -> options(ring))) {
      Threads.pinCurrentThread(Integer.parseInt(words[1]));
      CrowdDriver driver = new CrowdDriver(guests, count, Integer.parseInt(words[4]));
      guests.pause(true);
      BufferedReader requests =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      System.out.println("ready");
      for (String line = requests.readLine(); line != null; line = requests.readLine()) {
        guests.pause(false);
        String answer = driver.answer(line.split(" ", -1));
        guests.pause(true);
        System.out.println(answer);
      }
    }
  }
}
