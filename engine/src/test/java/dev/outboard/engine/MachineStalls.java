package dev.outboard.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Tells a machine that does not let us run from an engine that does not go on: the longest time
 * that a thread which only wants to wake up every millisecond was kept waiting, and the time that
 * the engine's and the bystanders' threads were ready to run but did not. Used by the test's
 * thread.
 */
final class MachineStalls implements AutoCloseable {
  private static final long TICK_NANOS = 1_000_000L;
  private static final List<String> OURS =
      List.of("outboard-worker", "outboard-contro", "bystanders");

  private final Thread thread = Thread.ofPlatform().name("machine-stalls").unstarted(this::run);
  private volatile long longest;
  private volatile boolean stopping;
  private long waitedBefore;

  MachineStalls() {
    thread.start();
  }

  /** Begins a new measurement. */
  void reset() {
    longest = 0;
    waitedBefore = waited();
  }

  /** How long the machine has held us up since then, in nanoseconds. */
  long nanos() {
    return Math.max(longest, waited() - waitedBefore);
  }

  private void run() {
    long last = System.nanoTime();
    while (!stopping) {
      LockSupport.parkNanos(TICK_NANOS);
      long now = System.nanoTime();
      longest = Math.max(longest, now - last - TICK_NANOS);
      last = now;
    }
  }

  /** Nanoseconds that the engine's threads have spent on run queues. */
  private static long waited() {
    try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
      return tasks.filter(MachineStalls::isOurs).mapToLong(MachineStalls::waited).sum();
    } catch (IOException e) {
      return 0;
    }
  }

  private static boolean isOurs(Path task) {
    try {
      return OURS.contains(Files.readString(task.resolve("comm")).strip());
    } catch (IOException e) {
      return false;
    }
  }

  private static long waited(Path task) {
    try {
      return Long.parseLong(
          List.of(Files.readString(task.resolve("schedstat")).strip().split(" ", -1)).get(1));
    } catch (IOException e) {
      return 0;
    }
  }

  @Override
  public void close() {
    stopping = true;
    TestHost.join(thread);
  }
}
