package dev.outboard.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What this process holds of its host, to be compared with what it held before.
 *
 * @param descriptors open file descriptors
 * @param mappings mappings of devices, rings and memory files
 * @param threads platform threads
 */
record Holdings(int descriptors, long mappings, Set<Thread> threads) {
  private static final Path SELF = Path.of("/proc/self");
  private static final long PAUSE_MILLIS = 5;

  static Holdings now() throws IOException {
    try (Stream<Path> descriptors = Files.list(SELF.resolve("fd"));
        Stream<String> maps = Files.lines(SELF.resolve("maps"))) {
      return new Holdings(
          (int) descriptors.count(),
          maps.filter(line -> line.contains("anon_inode:") || line.contains("/memfd:")).count(),
          new HashSet<>(Thread.getAllStackTraces().keySet()));
    }
  }

  /** Waits until there is no more than before; breaks the rule if that takes too long. */
  static void checkNoMore(Holdings before, Duration patience) throws Exception {
    check(patience, now -> now.moreThan(before));
  }

  /** The same, for threads alone. */
  static void checkNoNewThread(Holdings before, Duration patience) throws Exception {
    check(patience, now -> now.newThread(before));
  }

  private static void check(Duration patience, Function<Holdings, String> comparison)
      throws Exception {
    long deadline = System.nanoTime() + patience.toNanos();
    String more = comparison.apply(now());
    while (!more.isEmpty()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError(more + " more than before");
      }
      Thread.sleep(PAUSE_MILLIS);
      more = comparison.apply(now());
    }
  }

  private String moreThan(Holdings before) {
    if (descriptors > before.descriptors) {
      return descriptors - before.descriptors + " file descriptors";
    }
    if (mappings > before.mappings) {
      return mappings - before.mappings + " mappings";
    }
    return "";
  }

  private String newThread(Holdings before) {
    Set<Thread> newer = new HashSet<>(threads);
    newer.removeAll(before.threads);
    newer.removeIf(thread -> thread.getName().startsWith("kit-") || !thread.isAlive());
    return newer.isEmpty() ? "" : "thread " + newer.iterator().next().getName();
  }
}
