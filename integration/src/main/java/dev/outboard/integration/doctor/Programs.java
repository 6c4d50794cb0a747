package dev.outboard.integration.doctor;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.base.Splitter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The programs of a host.
 *
 * @param directories where they are looked for, in this order
 */
record Programs(List<Path> directories) {
  private static final int SECONDS = 10;

  /** What sbin holds counts, too: an ordinary user's PATH often lacks it. */
  static Programs onPath() {
    String path = System.getenv("PATH");
    List<Path> all = new ArrayList<>();
    Splitter.on(':')
        .omitEmptyStrings()
        .split(path == null ? "" : path)
        .forEach(directory -> all.add(Path.of(directory)));
    all.add(Path.of("/usr/sbin"));
    all.add(Path.of("/sbin"));
    return new Programs(all);
  }

  Optional<Path> find(String name) {
    return directories.stream()
        .map(directory -> directory.resolve(name))
        .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
        .findFirst();
  }

  /** What a program prints if it ends well and soon; empty else. */
  static Optional<String> output(Path program, String... words) throws InterruptedException {
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(Arrays.asList(words));
    Path out = null;
    try {
      // A file, since a program that hangs would keep a pipe open.
      out = Files.createTempFile("outboard-doctor", ".out");
      Process process =
          new ProcessBuilder(command)
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .redirectOutput(out.toFile())
              .start();
      if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
        return Optional.empty();
      }
      return process.exitValue() == 0
          ? Optional.of(Files.readString(out, UTF_8))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    } finally {
      delete(out);
    }
  }

  private static void delete(Path file) {
    if (file != null) {
      file.toFile().deleteOnExit();
      try {
        Files.delete(file);
      } catch (IOException e) {
        // Deleted at exit then.
      }
    }
  }
}
