package dev.outboard.integration.doctor;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the kernel tells in files: {@code /proc}, {@code /sys}, {@code /dev}. What is not there or
 * not readable is absent; checks then say so.
 *
 * @param root {@code /}; tests lay out another host elsewhere
 */
record HostFiles(Path root) {
  private static final int MOST_BYTES = 1 << 16;

  static HostFiles ofThisHost() {
    return new HostFiles(Path.of("/"));
  }

  Path path(String absolute) {
    return root.resolve(absolute.substring(1));
  }

  /**
   * Read by one call: numbers under {@code /proc/sys} are given to the first only, and {@code
   * Files.readString} begins with a byte where a file says that its size is 0.
   */
  Optional<String> text(String absolute) {
    try (InputStream file = Files.newInputStream(path(absolute))) {
      byte[] bytes = new byte[MOST_BYTES];
      int length = Math.max(0, file.read(bytes));
      return Optional.of(new String(bytes, 0, length, UTF_8).strip());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  List<String> lines(String absolute) {
    return text(absolute).map(text -> text.lines().toList()).orElse(List.of());
  }

  OptionalLong number(String absolute) {
    return text(absolute)
        .filter(text -> text.matches("[0-9]{1,18}"))
        .map(text -> OptionalLong.of(Long.parseLong(text)))
        .orElse(OptionalLong.empty());
  }

  /** A switch: whether the file holds this number. */
  boolean is(String absolute, long value) {
    OptionalLong number = number(absolute);
    return number.isPresent() && number.getAsLong() == value;
  }
}
