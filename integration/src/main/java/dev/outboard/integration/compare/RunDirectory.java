package dev.outboard.integration.compare;

import dev.outboard.integration.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The one thing a comparison has on disk: a directory with sockets, configurations and error
 * output. Its name says which process it belongs to; what a killed one has left is deleted by the
 * next. Used by {@link Comparison}.
 */
public final class RunDirectory implements AutoCloseable {
  private static final String PREFIX = "outboard-compare-";

  private final Path path;

  private RunDirectory(Path path) {
    this.path = path;
  }

  public static RunDirectory create() throws UserException {
    Path run = Path.of("/run");
    return create(Files.isWritable(run) ? run : Path.of(System.getProperty("java.io.tmpdir")));
  }

  static RunDirectory create(Path base) throws UserException {
    try {
      sweep(base);
      ProcessHandle self = ProcessHandle.current();
      return new RunDirectory(
          Files.createDirectory(
              base.resolve(PREFIX + self.pid() + "-" + start(self)),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))));
    } catch (IOException e) {
      throw new UserException("can't make a directory in " + base + ": " + e.getMessage(), e);
    }
  }

  public Path path() {
    return path;
  }

  private static long start(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
  }

  private static void sweep(Path base) throws IOException {
    try (Stream<Path> entries = Files.list(base)) {
      Object own = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
      for (Path entry : entries.toList()) {
        if (entry.getFileName().toString().startsWith(PREFIX)
            && Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)
            && own.equals(Files.getAttribute(entry, "unix:uid", LinkOption.NOFOLLOW_LINKS))
            && isLeft(entry.getFileName().toString().substring(PREFIX.length()))) {
          delete(entry);
        }
      }
    }
  }

  private static boolean isLeft(String owner) {
    String[] parts = owner.split("-", -1);
    if (parts.length != 2 || !parts[0].matches("\\d{1,9}") || !parts[1].matches("\\d{1,18}")) {
      return false;
    }
    return ProcessHandle.of(Long.parseLong(parts[0]))
        .filter(process -> start(process) == Long.parseLong(parts[1]))
        .isEmpty();
  }

  private static void delete(Path directory) throws IOException {
    List<Path> all;
    try (Stream<Path> files = Files.walk(directory)) {
      all = files.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : all) {
      Files.deleteIfExists(file);
    }
  }

  @Override
  public void close() {
    try {
      delete(path);
    } catch (IOException e) {
      System.getLogger(RunDirectory.class.getName())
          .log(System.Logger.Level.WARNING, "can't delete " + path + ": " + e.getMessage());
    }
  }
}
