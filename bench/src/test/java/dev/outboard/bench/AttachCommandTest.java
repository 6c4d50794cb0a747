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

/** The attach benchmark, small: every arm works, and the report says what it measured. */
class AttachCommandTest {
  @TempDir private Path directory;

  @Test
  void everyArmIsMeasuredForEachNumberOfGuests() throws Exception {
    assumeTrue(Processes.isRoot(), "making TAPs needs root");
    Path json = directory.resolve("out.json");
    StringWriter out = new StringWriter();
    int code =
        new CommandLine(new Main())
            .setOut(new PrintWriter(out))
            .execute("attach", "--guests", "3,1", "--samples", "10", "--json", json.toString());
    assertEquals(0, code);
    assertTrue(out.toString().contains("engine: attach "), out.toString());
    JsonNode steps = Json.api().readTree(Files.readString(json)).path("steps");
    assertEquals(11, steps.size(), steps.toPrettyString());
    for (JsonNode step : steps) {
      assertEquals(1, step.at("/by_guests/0/guests").asInt());
      assertEquals(3, step.at("/by_guests/1/guests").asInt());
      for (JsonNode by : step.path("by_guests")) {
        assertTrue(by.path("p50_us").asDouble() > 0, step.toPrettyString());
        assertTrue(by.path("p99_us").asDouble() >= by.path("p50_us").asDouble());
      }
    }
  }

  @Test
  void nonsenseIsRefused() {
    assertEquals(2, run("attach", "--guests", "0"));
    assertEquals(2, run("attach", "--guests", "1023"));
    assertEquals(2, run("attach", "--samples", "9"));
  }

  private static int run(String... words) {
    PrintWriter nowhere = new PrintWriter(new StringWriter());
    return new CommandLine(new Main()).setErr(nowhere).setOut(nowhere).execute(words);
  }
}
