package dev.outboard.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.integration.wire.Json;
import dev.outboard.linux.Processes;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The zero-copy benchmark, small: all arms send, and the kernel's notifications are understood. */
class ZeroCopyCommandTest {
  @TempDir private Path directory;

  @Test
  void theKernelCopiesOnlyWhatAPeerOfThisHostTakes() throws Exception {
    assumeTrue(Processes.isRoot(), "a network of its own needs root");
    Path json = directory.resolve("out.json");
    assertEquals(
        0,
        run(
            "zero-copy",
            "--samples",
            "1",
            "--megabytes",
            "1",
            "--sizes",
            "1400,17800",
            "--json",
            json.toString()));
    JsonNode arms = Json.api().readTree(Files.readString(json)).path("arms");
    assertEquals(8, arms.size(), arms.toPrettyString());
    for (JsonNode arm : arms) {
      assertTrue(arm.path("cpu_us_per_mb").asDouble() > 0, arm.toPrettyString());
      if (arm.has("copied_share")) {
        boolean taken = arm.path("peer").asText().equals("takes");
        assertEquals(taken ? 1.0 : 0.0, arm.path("copied_share").asDouble(), arm.toString());
      }
    }
  }

  @Test
  void nonsenseIsRefused() {
    assertEquals(2, run("zero-copy", "--sizes", "0"));
    assertEquals(2, run("zero-copy", "--samples", "0"));
  }

  private static int run(String... words) {
    PrintWriter nowhere = new PrintWriter(new StringWriter());
    return new CommandLine(new Main()).setErr(nowhere).setOut(nowhere).execute(words);
  }
}
