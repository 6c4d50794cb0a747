package dev.outboard.integration.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.linux.Processes;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The command without root: it makes itself the root of its own networks, or says why not. */
@Timeout(300)
final class OrdinaryUserTest {
  private static final List<String> NOBODY =
      List.of("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--");
  private static final Set<PosixFilePermission> READABLE =
      PosixFilePermissions.fromString("rwxr-xr-x");

  @TempDir private Path directory;

  /** What a process has left behind. */
  private record Outcome(int code, String output) {}

  @BeforeEach
  void needsRoot() {
    Assumptions.assumeTrue(Processes.isRoot(), "to become another user needs root: sudo ./check");
  }

  @Test
  void comparesTwoHosts() throws IOException, InterruptedException {
    Files.setPosixFilePermissions(directory, READABLE);
    String taps =
        Files.getPosixFilePermissions(Path.of("/dev/net/tun"))
                .containsAll(
                    Set.of(PosixFilePermission.OTHERS_READ, PosixFilePermission.OTHERS_WRITE))
            ? ",vmm-tap"
            : "";
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp", readableClassPath()));
    command.addAll(List.of("dev.outboard.integration.cli.Main", "compare"));
    command.addAll(List.of("--topology", "two-host", "--arms", "iouring,host" + taps));
    command.addAll(List.of("--rounds", "1", "--seconds", "0.05"));
    Outcome outcome = run(command);
    if (run(List.of("unshare", "--user", "--map-root-user", "unshare", "--net", "true")).code()
        == 0) {
      assertEquals(0, outcome.code(), outcome.output());
      assertTrue(outcome.output().contains("\nhost  "), outcome.output());
      assertFalse(outcome.output().contains("MISMATCH"), outcome.output());
    } else {
      assertEquals(1, outcome.code(), outcome.output());
      assertTrue(outcome.output().contains("use sudo, or allow them"), outcome.output());
    }
  }

  private Outcome run(List<String> command) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(NOBODY);
    words.addAll(command);
    Process process =
        new ProcessBuilder(words).directory(directory.toFile()).redirectErrorStream(true).start();
    try {
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Outcome(process.waitFor(), output);
    } finally {
      process.destroyForcibly();
    }
  }

  /** Our own may be in root's home. */
  private String readableClassPath() throws IOException {
    List<String> copies = new ArrayList<>();
    int number = 0;
    String classPath = System.getProperty("java.class.path");
    for (String entry : classPath.split(File.pathSeparator, -1)) {
      Path from = Path.of(entry);
      if (Files.exists(from)) {
        Path to = directory.resolve("entry" + number++ + (Files.isDirectory(from) ? "" : ".jar"));
        copy(from, to);
        copies.add(to.toString());
      }
    }
    return String.join(File.pathSeparator, copies);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path copy = to.resolve(from.relativize(file).toString());
        Files.copy(file, file.equals(from) ? to : copy);
        Files.setPosixFilePermissions(file.equals(from) ? to : copy, READABLE);
      }
    }
  }
}
