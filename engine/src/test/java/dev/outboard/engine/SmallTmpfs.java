package dev.outboard.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** A tmpfs of one megabyte, all of it used up. A test is skipped where it can't be mounted. */
final class SmallTmpfs implements AutoCloseable {
  private final Path directory;

  private SmallTmpfs(Path directory) {
    this.directory = directory;
  }

  static SmallTmpfs full() throws IOException {
    Path directory = Files.createTempDirectory("outboard-tmpfs");
    boolean mounted =
        run("mount", "-t", "tmpfs", "-o", "size=1m", "outboard-test", directory.toString());
    SmallTmpfs tmpfs = new SmallTmpfs(directory);
    if (!mounted) {
      Files.delete(directory);
      Assumptions.abort("a tmpfs can't be mounted: sudo ./check");
    }
    Files.write(directory.resolve("ballast"), new byte[1 << 20]);
    return tmpfs;
  }

  Path file(String name) {
    return directory.resolve(name);
  }

  private static boolean run(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getInputStream().readAllBytes();
    return process.onExit().join().exitValue() == 0;
  }

  @Override
  public void close() throws IOException {
    run("umount", "-l", directory.toString());
    Files.delete(directory);
  }
}
