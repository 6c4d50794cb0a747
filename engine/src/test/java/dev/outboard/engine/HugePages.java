package dev.outboard.engine;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/**
 * A machine with few huge pages, for a while: afterwards there are as many as before. A test is
 * skipped where somebody uses some, or none are to be had.
 */
final class HugePages implements AutoCloseable {
  private static final Path COUNT = Path.of("/proc/sys/vm/nr_hugepages");
  private static final String NONE = "0";

  private final String found;

  private HugePages(String found) {
    this.found = found;
  }

  /** There are so many from now on, all free. */
  static HugePages reserve(int pages) throws IOException {
    Assumptions.assumeTrue(Files.isWritable(COUNT), "huge pages need root: sudo ./check");
    String found = count();
    Assumptions.assumeTrue(found.equals(free()), "huge pages are in use on this machine");
    HugePages reserved = new HugePages(found);
    Files.writeString(COUNT, Integer.toString(pages));
    if (!count().equals(Integer.toString(pages))) {
      reserved.close();
      Assumptions.abort("this machine has no memory for " + pages + " huge pages");
    }
    return reserved;
  }

  /** None is free any more; those in use go when they are given up. */
  void giveBackFree() throws IOException {
    Files.writeString(COUNT, NONE);
  }

  /** In one read: a second one of such a file finds nothing. */
  private static String count() throws IOException {
    try (InputStream in = Files.newInputStream(COUNT)) {
      byte[] text = new byte[32];
      return new String(text, 0, in.read(text), StandardCharsets.US_ASCII).strip();
    }
  }

  private static String free() throws IOException {
    String name = "HugePages_Free:";
    return Files.readAllLines(Path.of("/proc/meminfo")).stream()
        .filter(line -> line.startsWith(name))
        .map(line -> line.substring(name.length()).strip())
        .findFirst()
        .orElse(NONE);
  }

  @Override
  public void close() throws IOException {
    Files.writeString(COUNT, found);
  }
}
