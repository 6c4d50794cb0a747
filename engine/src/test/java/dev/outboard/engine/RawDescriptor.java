package dev.outboard.engine;

import java.io.Closeable;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.Pipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The number behind something that Java has opened, to be passed where it does not belong. */
record RawDescriptor(int fd, List<Closeable> owners) implements Closeable {
  private static final Path ALL = Path.of("/proc/self/fd");

  /** A file or device, open for reading. */
  static RawDescriptor file(Path path) throws IOException {
    return find(new FileInputStream(path.toFile()), path);
  }

  private static RawDescriptor find(Closeable stream, Path path) throws IOException {
    String target = path.toRealPath().toString();
    for (int fd : all()) {
      if (target.equals(target(fd))) {
        return new RawDescriptor(fd, List.of(stream));
      }
    }
    stream.close();
    throw new IOException(path + " is not among the open files");
  }

  /** A new file, open for reading and writing. */
  static RawDescriptor create(Path path) throws IOException {
    return find(new RandomAccessFile(path.toFile(), "rw"), path);
  }

  /** The end of a pipe that is written to. */
  static RawDescriptor pipe() throws IOException {
    Set<String> before = new HashSet<>();
    for (int fd : all()) {
      before.add(target(fd));
    }
    Pipe pipe = Pipe.open();
    for (int fd : all()) {
      if (!before.contains(target(fd)) && target(fd).startsWith("pipe:") && isWritable(fd)) {
        return new RawDescriptor(fd, List.of(pipe.source(), pipe.sink()));
      }
    }
    throw new IOException("the new pipe is not among the open files");
  }

  private static boolean isWritable(int fd) throws IOException {
    return Files.readAllLines(Path.of("/proc/self/fdinfo/" + fd)).stream()
        .filter(line -> line.startsWith("flags:"))
        .anyMatch(line -> (Long.parseLong(line.substring(6).strip(), 8) & 3) == 1);
  }

  private static List<Integer> all() throws IOException {
    try (Stream<Path> links = Files.list(ALL)) {
      return links.map(link -> Integer.valueOf(link.getFileName().toString())).toList();
    }
  }

  private static String target(int fd) {
    try {
      return Files.readSymbolicLink(ALL.resolve(Integer.toString(fd))).toString();
    } catch (IOException e) {
      return "";
    }
  }

  @Override
  public void close() throws IOException {
    for (Closeable owner : owners) {
      owner.close();
    }
  }
}
