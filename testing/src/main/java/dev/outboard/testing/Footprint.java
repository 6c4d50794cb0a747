package dev.outboard.testing;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What this process holds of its host, for tests that say: afterwards not more than before.
 *
 * @param descriptors open file descriptors
 * @param sharedMappings mappings of memory files: guests' memory, on both sides
 * @param mappings all mappings
 * @param workers threads of a sidecar's workers
 * @param threads all threads, the virtual machine's own too
 * @param heapKilobytes of live objects
 * @param residentKilobytes of physical memory, heap and native
 */
public record Footprint(
    int descriptors,
    int sharedMappings,
    int mappings,
    long workers,
    int threads,
    long heapKilobytes,
    long residentKilobytes) {

  private static final Path SELF = Path.of("/proc/self");
  private static final int KILO = 1024;
  private static final int TRIES = 40;
  private static final long PAUSE_MILLIS = 50;

  /** As it is now, after the garbage collector has run. */
  public static Footprint now() throws IOException {
    System.gc();
    List<String> maps = Files.readAllLines(SELF.resolve("maps"));
    return new Footprint(
        count(SELF.resolve("fd")),
        (int) maps.stream().filter(line -> line.contains("/memfd:")).count(),
        maps.size(),
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().startsWith("outboard-worker-"))
            .count(),
        count(SELF.resolve("task")),
        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / KILO,
        resident());
  }

  /**
   * As it is when threads have ended and the collector has given back what nobody needs: the first
   * that is no larger than before, or the last of some.
   */
  public static Footprint settled(Footprint before) throws IOException, InterruptedException {
    Footprint now = now();
    for (int i = 0; i < TRIES && !now.growthSince(before).isEmpty(); i++) {
      Thread.sleep(PAUSE_MILLIS);
      now = now();
    }
    return now;
  }

  private static int count(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return (int) entries.count();
    }
  }

  private static long resident() throws IOException {
    return Files.readAllLines(SELF.resolve("status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElse(0);
  }

  /**
   * What is more now than it was before, in words; empty if nothing is. Descriptors, memory files
   * and workers must be as before. The virtual machine's own needs grow by some steps in the first
   * thousands of rounds, so memory may: compare footprints of a process that is warm.
   */
  public String growthSince(Footprint before) {
    StringBuilder growth = new StringBuilder();
    check(growth, "descriptors", before.descriptors, descriptors, 0);
    check(growth, "shared mappings", before.sharedMappings, sharedMappings, 0);
    check(growth, "mappings", before.mappings, mappings, 64);
    check(growth, "workers", before.workers, workers, 0);
    check(growth, "threads", before.threads, threads, 8);
    check(growth, "kB of heap", before.heapKilobytes, heapKilobytes, 8 * KILO);
    check(growth, "kB resident", before.residentKilobytes, residentKilobytes, 64 * KILO);
    return growth.toString();
  }

  private static void check(StringBuilder all, String what, long before, long now, long allowed) {
    if (now > before + allowed) {
      all.append(what).append(": ").append(before).append(" -> ").append(now).append("; ");
    }
  }
}
