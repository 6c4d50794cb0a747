package dev.outboard.integration.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.integration.GuideBlocks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program of docs/compose.md that runs the sidecar in its own process, as it stands there. */
final class EmbeddingTest {
  private static final int SECONDS = 60;

  @TempDir private Path directory;

  @Test
  void theProgramOfTheGuideRunsASidecar() throws IOException, InterruptedException {
    Path program = directory.resolve("Embedded.java");
    Files.writeString(program, GuideBlocks.of("compose.md", "java").getFirst());
    Path config = Files.writeString(directory.resolve("c.yaml"), "guests: [{id: a}]\n");
    Path api = directory.resolve("api.sock");
    Path out = directory.resolve("out");
    Process running =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    System.getProperty("java.class.path"),
                    program.toString(),
                    config.toString(),
                    api.toString()))
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    boolean ended = running.waitFor(SECONDS, TimeUnit.SECONDS);
    running.destroyForcibly();
    String said = Files.readString(out);
    assertTrue(ended, said);
    assertEquals(0, running.exitValue(), said);
    assertTrue(said.contains("ready: API on " + api + "\n"), said);
    assertTrue(said.contains("\na: WAITING\n"), said);
    assertFalse(Files.exists(api), "closed");
  }
}
