package dev.outboard.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.integration.wire.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The notifier benchmark, small: every kind carries every load, and the report says so. */
class NotifierCommandTest {
  @TempDir private Path directory;

  @Test
  void everyKindCarriesEveryLoad() throws Exception {
    Path json = directory.resolve("out.json");
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        new CommandLine(new Main())
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(
                "notifier",
                "--idle=0,20",
                "--active=4",
                "--rounds=1",
                "--seconds=0.02",
                "--counting=0.05",
                "--json=" + json);
    assertEquals(0, code, err.toString());
    assertTrue(out.toString().contains("What idle guests cost"), out.toString());
    Set<String> arms = new TreeSet<>();
    for (JsonNode arm : Json.api().readTree(Files.readString(json)).path("arms")) {
      arms.add(arm.path("arm").asText());
      for (NotifierLoad.Kind load : NotifierLoad.Kind.values()) {
        JsonNode figures = arm.path(load.name().toLowerCase(Locale.ROOT));
        assertTrue(figures.path("frames").asLong() > 0, arm.toPrettyString());
        assertTrue(figures.path("cpu_us_per_frame").asDouble() > 0, arm.toPrettyString());
        assertTrue(figures.path("p99_us").asDouble() >= figures.path("p50_us").asDouble());
      }
      assertEquals(20, arm.at("/by_idle_guests/1/idle").asInt());
      assertTrue(arm.at("/by_idle_guests/1/own_memory_bytes").asLong() > 0);
    }
    assertEquals(NotifierKind.values().length, arms.size());
  }

  @Test
  void nonsenseIsRefused() {
    assertEquals(2, run("notifier", "--idle", "-1"));
    assertEquals(2, run("notifier", "--active", "1"));
    assertEquals(2, run("notifier", "--rounds", "0"));
    assertEquals(2, run("notifier", "--seconds", "0"));
  }

  private static int run(String... words) {
    PrintWriter nowhere = new PrintWriter(new StringWriter());
    return new CommandLine(new Main()).setErr(nowhere).setOut(nowhere).execute(words);
  }
}
