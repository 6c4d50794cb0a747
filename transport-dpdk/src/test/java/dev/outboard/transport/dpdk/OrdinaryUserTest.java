package dev.outboard.transport.dpdk;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.outboard.linux.Processes;
import dev.outboard.spi.Availability;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Neither root nor huge pages are needed to keep the SPI's contract. */
class OrdinaryUserTest {
  private static final List<String> NOBODY =
      List.of("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--");
  private static final Set<PosixFilePermission> READABLE =
      PosixFilePermissions.fromString("rwxr-xr-x");

  @TempDir private Path directory;

  @Test
  void theKitPassesOnRingsWithoutRootAndWithoutHugePages() throws Exception {
    assumeTrue(Processes.isRoot(), "to become another user needs root: sudo ./check");
    Availability availability = new DpdkProvider().probe();
    assumeTrue(availability.usable(), availability.reason() + "; " + availability.remedy());
    Files.setPosixFilePermissions(directory, READABLE);
    List<String> words = new ArrayList<>(NOBODY);
    words.addAll(Commands.java(readableClassPath(), KitRun.class));
    String output = Commands.run(words.toArray(String[]::new));
    assertTrue(output.contains(KitRun.KEPT), output);
  }

  /** Our own may be in root's home. */
  private String readableClassPath() throws IOException {
    List<String> copies = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      Path from = Path.of(entry);
      if (Files.exists(from)) {
        Path to = directory.resolve(copies.size() + "-" + from.getFileName());
        copy(from, to);
        copies.add(to.toString());
      }
    }
    return String.join(File.pathSeparator, copies);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path copy = file.equals(from) ? to : to.resolve(from.relativize(file).toString());
        Files.copy(file, copy);
        Files.setPosixFilePermissions(copy, READABLE);
      }
    }
  }
}
