package dev.outboard.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Huge pages of the machine, for a while. A test is skipped where there are none to be had. */
final class HugePages implements AutoCloseable {
  private static final Path COUNT = Path.of("/proc/sys/vm/nr_hugepages");
  private static final String FOUND = "0";

  private HugePages() {}

  /** So many pages; there must have been none before, or they could not be used up. */
  static HugePages reserve(int pages) throws IOException {
    Assumptions.assumeTrue(Files.isWritable(COUNT), "huge pages need root: sudo ./check");
    Assumptions.assumeTrue(count().equals(FOUND), "huge pages are in use on this machine");
    HugePages reserved = new HugePages();
    Files.writeString(COUNT, Integer.toString(pages));
    if (!count().equals(Integer.toString(pages))) {
      reserved.close();
      Assumptions.abort("this machine has no memory for " + pages + " huge pages");
    }
    return reserved;
  }

  /** None is free any more; those in use stay until they are given up. */
  void giveBackFree() throws IOException {
    Files.writeString(COUNT, FOUND);
  }

  private static String count() throws IOException {
    return Files.readString(COUNT).strip();
  }

  @Override
  public void close() throws IOException {
    giveBackFree();
  }
}
