package dev.outboard.restart;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What a daemon holds on behalf of its guests, as the kernel counts it: to be the same before and
 * after a guest that went and came.
 *
 * @param files open file descriptors, by kind
 * @param mappings how often files of guest memory are mapped
 * @param threads the sidecar's own threads; those of the JVM and of the API come and go
 */
record Held(Map<String, Integer> files, long mappings, long threads) {
  /** Of a file without a name: a memfd, or where UML keeps its guest's memory. */
  private static final String DELETED = " (deleted)";

  /** Waits until the process holds this again: it lets go of what is gone in its own time. */
  void await(long pid) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!equals(of(pid)) && System.nanoTime() < deadline) {
      Thread.sleep(10);
    }
    assertEquals(this, of(pid));
  }

  static Held of(long pid) throws IOException {
    Path process = Path.of("/proc", Long.toString(pid));
    Map<String, Integer> files = new TreeMap<>();
    try (Stream<Path> all = Files.list(process.resolve("fd"))) {
      for (Path each : all.toList()) {
        String kind = kind(each);
        if (!kind.isEmpty()) {
          files.merge(kind, 1, Integer::sum);
        }
      }
    }
    long mappings =
        Files.readAllLines(process.resolve("maps")).stream()
            .filter(line -> line.endsWith(DELETED))
            .count();
    long threads;
    try (Stream<Path> all = Files.list(process.resolve("task"))) {
      threads = all.filter(Held::isOurs).count();
    }
    return new Held(files, mappings, threads);
  }

  private static String kind(Path descriptor) throws IOException {
    try {
      String target = Files.readSymbolicLink(descriptor).toString();
      // The API's own connections and the JVM's files come and go.
      if (target.endsWith(DELETED)) {
        return "memory";
      }
      return target.startsWith("anon_inode:[eventfd]") || target.equals("/dev/net/tun")
          ? target
          : "";
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  private static boolean isOurs(Path task) {
    try {
      String name = Files.readString(task.resolve("comm")).strip();
      // Those that close what others made are there as long as there is something to close.
      return name.startsWith("outboard-") && !name.equals("outboard-closer");
    } catch (IOException e) {
      return false;
    }
  }
}
