package dev.outboard.integration;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/**
 * How tests start daemons in processes of their own: as the launcher does, from jars and with a
 * cache of loaded classes, so that a start takes a fraction of the processor time. Both are made
 * once for all test processes of a build, from what this one runs with.
 */
public final class DaemonJvm {
  private static final String MAIN = "dev.outboard.integration.cli.Main";
  private static final String CACHE = "server.aot";
  private static final Path FOLDER = Path.of("target", "daemon-jvm").toAbsolutePath();
  private static final Path TEST_CLASSES = Path.of("target", "test-classes").toAbsolutePath();
  private static final int TRAINING_MINUTES = 2;

  private static List<String> command;

  private DaemonJvm() {}

  /**
   * The words of a command that end with our main class.
   *
   * @param options of Java, besides
   */
  public static List<String> command(String... options) {
    List<String> words = new ArrayList<>(ready());
    words.addAll(1, List.of(options));
    return words;
  }

  private static synchronized List<String> ready() {
    if (command == null) {
      try {
        Files.createDirectories(FOLDER);
        try (FileChannel channel =
                FileChannel.open(
                    FOLDER.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock _ = channel.lock()) {
          command = make();
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return command;
  }

  private static List<String> make() throws IOException {
    List<Path> entries =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
            .filter(entry -> !entry.isEmpty())
            .map(Path::of)
            .filter(entry -> Files.exists(entry) && !entry.toAbsolutePath().equals(TEST_CLASSES))
            .toList();
    Path folder = FOLDER.resolve(Integer.toHexString(fingerprint(entries).hashCode()));
    boolean isNew = !Files.exists(folder);
    if (isNew) {
      deleteOthers();
      Files.createDirectories(folder);
    }
    List<String> jars = new ArrayList<>();
    for (Path entry : entries) {
      Path jar = entry;
      if (Files.isDirectory(entry)) {
        jar = folder.resolve("classes-" + jars.size() + ".jar");
        if (!Files.exists(jar)) {
          pack(entry, jar);
        }
      }
      jars.add(jar.toString());
    }
    String classPath = String.join(File.pathSeparator, jars);
    Path cache = folder.resolve(CACHE);
    if (isNew) {
      train(classPath, cache);
    }
    List<String> words = start(classPath);
    if (Files.exists(cache)) {
      words.addAll(1, List.of("-XX:AOTCache=" + cache, "-Xlog:aot=off", "-Xlog:cds=off"));
    }
    return words;
  }

  private static List<String> start(String classPath) {
    return new ArrayList<>(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-XX:+UseSerialGC",
            "-Xms16m",
            "-Xmx256m",
            "-cp",
            classPath,
            MAIN));
  }

  /** What the jars and the cache depend on. */
  private static String fingerprint(List<Path> entries) throws IOException {
    StringBuilder text = new StringBuilder();
    for (Path entry : entries) {
      for (Path file : files(entry)) {
        text.append(file).append(Files.size(file)).append(Files.getLastModifiedTime(file));
      }
    }
    return text.toString();
  }

  private static List<Path> files(Path entry) throws IOException {
    try (Stream<Path> all = Files.walk(entry)) {
      return all.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static void deleteOthers() throws IOException {
    try (Stream<Path> all = Files.walk(FOLDER)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        if (!each.equals(FOLDER) && !each.getFileName().toString().equals("lock")) {
          Files.delete(each);
        }
      }
    }
  }

  private static void pack(Path classes, Path jar) throws IOException {
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file)) {
      for (Path each : files(classes)) {
        out.putNextEntry(new ZipEntry(classes.relativize(each).toString()));
        Files.copy(each, out);
        out.closeEntry();
      }
    }
  }

  /** Without a cache daemons start, too, only later. */
  private static void train(String classPath, Path cache) throws IOException {
    List<String> words = start(classPath);
    words.add(1, "-XX:AOTCacheOutput=" + cache);
    words.addAll(List.of("warm-up", "--daemon"));
    Path log = cache.resolveSibling("training.log");
    Process training =
        new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      if (!training.waitFor(TRAINING_MINUTES, TimeUnit.MINUTES) || training.exitValue() != 0) {
        training.destroyForcibly();
        Files.deleteIfExists(cache);
        System.err.println(
            "no cache for daemons: " + Files.readString(log, StandardCharsets.UTF_8));
      }
    } catch (InterruptedException e) {
      training.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
