package dev.outboard.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A folder for sockets that is gone after the benchmark, however that ends: a shell waits for the
 * end of its input, which comes even if this process is killed, and removes the folder.
 */
public final class Scratch implements AutoCloseable {
  private final Path directory;
  private final Process janitor;

  /** Makes it. */
  public Scratch() throws IOException {
    directory = Files.createTempDirectory("outboard-bench");
    // In a session of its own, so that what is sent to our process group does not reach it.
    janitor =
        new ProcessBuilder(
                "setsid", "sh", "-c", "cat >/dev/null; rm -rf -- \"$0\"", directory.toString())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
  }

  /** Where it is. */
  public Path directory() {
    return directory;
  }

  @Override
  public void close() throws IOException {
    janitor.getOutputStream().close();
    janitor.onExit().join();
  }
}
