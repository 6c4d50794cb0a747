package dev.outboard.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What this process has open, to be compared before and after: descriptors, mapped memory files.
 */
record OpenThings(long descriptors, long mappings) {
  private static final int IN_PASSING = 8;
  private static final long PATIENCE_NANOS = 10_000_000_000L;

  static OpenThings now() throws IOException {
    try (Stream<Path> fds = Files.list(Path.of("/proc/self/fd"));
        Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
      return new OpenThings(fds.count(), maps.filter(line -> line.contains("/memfd:")).count());
    }
  }

  /** Waits until no more is open than then; a session or a listing under way may hold a few. */
  static void awaitNoMoreThan(OpenThings before) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    OpenThings now = now();
    while (now.descriptors > before.descriptors + IN_PASSING
        || now.mappings > before.mappings + IN_PASSING) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("leaked: " + before + ", then " + now);
      }
      Thread.sleep(50);
      now = now();
    }
  }
}
