package dev.outboard.integration.house;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The Java files of all modules. */
final class Sources {
  static final Path ROOT = Path.of(System.getProperty("outboard.root"));

  private Sources() {}

  static List<Path> java() throws IOException {
    try (Stream<Path> modules = Files.list(ROOT)) {
      List<Path> folders =
          modules
              .filter(module -> Files.exists(module.resolve("pom.xml")))
              .map(module -> module.resolve("src"))
              .filter(Files::isDirectory)
              .toList();
      return folders.stream().flatMap(Sources::javaBelow).sorted().toList();
    }
  }

  private static Stream<Path> javaBelow(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".java")).toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
