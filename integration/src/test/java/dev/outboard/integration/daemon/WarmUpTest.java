package dev.outboard.integration.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a daemon does before a hand-over must work, and cost it nothing for good. */
final class WarmUpTest {
  private static final long PATIENCE_NANOS = 10_000_000_000L;

  @Test
  void aRehearsalLeavesNoDescriptorBehind() throws Exception {
    WarmUp.run(0);
    long before = held();
    WarmUp.run(0);
    // Descriptors that others made are closed by a thread of their own.
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (held() > before && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    assertEquals(before, Math.max(before, held()));
  }

  /** Guests' memory and doorbells, sockets, epoll sets. */
  private static long held() throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      long count = 0;
      for (Path each : all.toList()) {
        count += isOurs(each) ? 1 : 0;
      }
      return count;
    }
  }

  private static boolean isOurs(Path descriptor) throws IOException {
    try {
      String target = Files.readSymbolicLink(descriptor).toString();
      return target.startsWith("/memfd:")
          || target.startsWith("anon_inode:")
          || target.startsWith("socket:");
    } catch (NoSuchFileException e) {
      return false;
    }
  }
}
