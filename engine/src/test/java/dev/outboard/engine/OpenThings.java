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

  static OpenThings now() throws IOException {
    try (Stream<Path> fds = Files.list(Path.of("/proc/self/fd"));
        Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
      return new OpenThings(fds.count(), maps.filter(line -> line.contains("/memfd:")).count());
    }
  }

  /** A session or a listing that is under way may hold a few. */
  void assertNoMoreThan(OpenThings before) {
    if (descriptors > before.descriptors + IN_PASSING || mappings > before.mappings + IN_PASSING) {
      throw new AssertionError("leaked: " + before + ", then " + this);
    }
  }
}
