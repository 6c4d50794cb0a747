package dev.outboard.transport.kerneltcp.pool;

import dev.outboard.linux.LinuxException;
import dev.outboard.linux.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;

/**
 * The pressure that this process is under: descriptors beside its limit, and the time that tasks of
 * the host wait for memory (PSI). One serves all pools. It looks on a thread of its own, for the
 * kernel may take its time; {@link #level} only tells what was seen last.
 *
 * <p>Descriptors count from 80 % of the limit to 95 %. Memory counts from 5 % of the last ten
 * seconds in which some task waited to 30 %. The larger of the two is the level. A kernel without
 * PSI has no pressure of memory, as {@link #describe} says.
 */
public final class ProcessPressure implements PressureSource, AutoCloseable {
  private static final double FEW_DESCRIPTORS = 0.80;
  private static final double NO_DESCRIPTORS = 0.95;
  private static final double SOME_WAITING = 5;
  private static final double MUCH_WAITING = 30;
  private static final String AVERAGE = "avg10=";

  private final Path descriptors;
  private final Path memory;
  private final long limit;
  private final Thread thread;
  private volatile double level;
  private volatile String description = "";

  /**
   * Looks once, then every so often until it is closed.
   *
   * @throws LinuxException if the limit of open files can't be read
   */
  public static ProcessPressure watch(Duration every) throws LinuxException {
    return new ProcessPressure(
        Path.of("/proc/self/fd"),
        Path.of("/proc/pressure/memory"),
        Processes.openFileLimit(),
        every);
  }

  ProcessPressure(Path descriptors, Path memory, long limit, Duration every) {
    this.descriptors = descriptors;
    this.memory = memory;
    this.limit = limit;
    look();
    thread = Thread.ofPlatform().daemon().name("pressure").start(() -> watchOn(every));
  }

  private void watchOn(Duration every) {
    try {
      while (true) {
        Thread.sleep(every);
        look();
      }
    } catch (InterruptedException e) {
      // Closed.
    }
  }

  private void look() {
    long open = open();
    double waiting = waiting();
    description =
        "%d of %s descriptors open, %s"
            .formatted(
                open,
                limit < 0 ? "any number of" : limit,
                waiting < 0 ? "no PSI for memory" : "memory waited for %.1f %%".formatted(waiting));
    // RLIM_INFINITY is -1 when it is read as a signed number.
    double used = limit < 0 ? 0 : (double) open / limit;
    level =
        Math.max(
            share(used, FEW_DESCRIPTORS, NO_DESCRIPTORS),
            share(waiting, SOME_WAITING, MUCH_WAITING));
  }

  private static double share(double value, double from, double to) {
    return Math.clamp((value - from) / (to - from), 0, 1);
  }

  /** The size of that folder is the count since Linux 6.2; before it is 0. */
  private long open() {
    try {
      long size = Files.size(descriptors);
      if (size > 0) {
        return size;
      }
      try (Stream<Path> all = Files.list(descriptors)) {
        return all.count();
      }
    } catch (IOException e) {
      return 0;
    }
  }

  /** Percent of the last ten seconds, or -1 if nobody knows. */
  private double waiting() {
    try {
      for (String line : Files.readAllLines(memory)) {
        int at = line.indexOf(AVERAGE);
        if (line.startsWith("some ") && at >= 0) {
          return Double.parseDouble(line.substring(at + AVERAGE.length()).split(" ", 2)[0]);
        }
      }
    } catch (IOException | NumberFormatException e) {
      // As if it were not there.
    }
    return -1;
  }

  @Override
  public double level() {
    return level;
  }

  /** What was seen last, for people. Any thread. */
  public String describe() {
    return description;
  }

  /** Stops looking. */
  @Override
  public void close() {
    thread.interrupt();
  }
}
