package dev.outboard.restart;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
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
            .filter(line -> line.contains("/memfd:"))
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
      if (target.startsWith("anon_inode:[eventfd]") || target.startsWith("/memfd:")) {
        return target.replaceFirst(" .*", "");
      }
      return "";
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  private static boolean isOurs(Path task) {
    try {
      return Files.readString(task.resolve("comm")).startsWith("outboard-");
    } catch (IOException e) {
      return false;
    }
  }
}
