package dev.outboard.lab;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A shell into which a test types what a guide tells its reader to type, in a private network. It
 * knows the command {@code outboard}, of the classes under test. What it leaves running ends with
 * it.
 */
public final class Shell implements AutoCloseable {
  private static final int MINUTES = 2;
  private static final String END = "-- end of what was typed --";

  private final Process process;
  private final Writer input;
  private final BufferedReader output;

  /**
   * Starts one.
   *
   * @param folder where it begins
   * @param tools an empty folder of its own, for commands
   */
  public Shell(Path folder, Path tools, Namespace network) throws IOException {
    Path outboard = tools.resolve("outboard");
    Files.writeString(
        outboard,
        """
        #!/bin/sh
        exec '%s/bin/java' --enable-native-access=ALL-UNNAMED -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \\
          --sun-misc-unsafe-memory-access=allow -cp "$CLASSES" dev.outboard.integration.cli.Main "$@"
        """
            .formatted(System.getProperty("java.home")));
    Files.setPosixFilePermissions(outboard, PosixFilePermissions.fromString("rwxr-xr-x"));
    List<String> command = new ArrayList<>(List.of("unshare", "--pid", "--fork"));
    command.addAll(List.of("--kill-child=KILL", "--mount-proc", "env", "-C", folder.toString()));
    command.addAll(List.of("bash", "-e"));
    Map<String, String> environment =
        Map.of(
            "CLASSES", System.getProperty("java.class.path"),
            "JAVA_HOME", System.getProperty("java.home"),
            "PATH", tools + ":" + System.getenv("PATH"));
    process = Processes.start(network.enter(command), environment);
    input = process.outputWriter(StandardCharsets.UTF_8);
    output = process.inputReader(StandardCharsets.UTF_8);
  }

  /** Types some lines; gives what was printed. The first that fails or hangs ends the shell. */
  public String type(String lines) throws IOException {
    Thread deadline = Thread.ofVirtual().start(this::endAtDeadline);
    try {
      return typeNow(lines);
    } finally {
      deadline.interrupt();
    }
  }

  private void endAtDeadline() {
    try {
      Thread.sleep(Duration.ofMinutes(MINUTES));
      process.destroyForcibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // all was done in time
    }
  }

  private String typeNow(String lines) throws IOException {
    // Not from our pipe: a command that reads its input would swallow the next line.
    input.write("{\n" + lines + "\n} </dev/null\nprintf '\\n%s\\n' '" + END + "'\n");
    input.flush();
    StringBuilder printed = new StringBuilder();
    for (String line = output.readLine(); !END.equals(line); line = output.readLine()) {
      if (line == null) {
        throw new IOException("failed: " + lines + "\n" + printed);
      }
      printed.append(line).append('\n');
    }
    return printed.toString();
  }

  @Override
  public void close() {
    Processes.kill(process);
  }
}
