package dev.outboard.transport.kerneltcp.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the host is short of. */
class ProcessPressureTest {
  private static final Duration SELDOM = Duration.ofHours(1);

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({"0, 0", "5, 0", "17.5, 0.5", "30, 1", "99, 1"})
  void waitingForMemoryCounts(double percent, double level) throws Exception {
    Path memory = directory.resolve("memory");
    Files.writeString(
        memory,
        "some avg10=%s avg60=0.00 avg300=0.00 total=1\nfull avg10=90.00 avg60=0.00 avg300=0.00 total=1\n"
            .formatted(percent));
    try (ProcessPressure pressure =
        new ProcessPressure(Path.of("/proc/self/fd"), memory, 1 << 20, SELDOM)) {
      assertEquals(level, pressure.level(), 1e-9);
    }
  }

  @Test
  void descriptorsOfThisProcessCountBesideTheLimit() {
    Path none = directory.resolve("none");
    Path fds = Path.of("/proc/self/fd");
    try (ProcessPressure roomy = new ProcessPressure(fds, none, 1 << 20, SELDOM);
        ProcessPressure tight = new ProcessPressure(fds, none, 3, SELDOM);
        ProcessPressure unlimited = new ProcessPressure(fds, none, -1, SELDOM)) {
      assertEquals(0, roomy.level());
      assertEquals(1, tight.level());
      assertEquals(0, unlimited.level());
      assertTrue(
          tight.describe().endsWith("of 3 descriptors open, no PSI for memory"), tight::describe);
    }
  }

  @Test
  void theRealOneLooksAgainByItself() throws Exception {
    try (ProcessPressure pressure = ProcessPressure.watch(Duration.ofMillis(5))) {
      assertTrue(pressure.level() < 1, pressure::describe);
      String before = pressure.describe();
      try (var _ = Files.newByteChannel(Files.createFile(directory.resolve("open")))) {
        long deadline = System.nanoTime() + 5_000_000_000L;
        while (pressure.describe().equals(before) && System.nanoTime() < deadline) {
          Thread.sleep(5);
        }
      }
      assertTrue(!pressure.describe().equals(before), before);
    }
  }
}
