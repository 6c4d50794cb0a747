package dev.outboard.integration.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.guest.TcpConversation;
import dev.outboard.integration.RunningDaemon;
import dev.outboard.integration.RunningDaemon.Outcome;
import dev.outboard.integration.Schemas;
import dev.outboard.integration.live.TalkingGuests;
import dev.outboard.integration.wire.Json;
import dev.outboard.linux.Processes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code outboard compare --live} as users meet it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
final class LiveCompareCommandTest {
  private Path folder;
  private TalkingGuests guests;

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    assumeTrue(Processes.isRoot(), "a network namespace needs root");
    folder = directory;
    guests = new TalkingGuests(folder, new TcpConversation.Pace(1000, 200_000));
  }

  @AfterAll
  void stop() {
    if (guests != null) {
      guests.close();
    }
  }

  @Test
  void oneWayAgainstItselfIsPrintedAndWritten() throws Exception {
    Path file = folder.resolve("live.json");
    Path page = folder.resolve("live.html");
    Outcome outcome =
        guests
            .daemon()
            .outboard(
                "compare",
                "--live",
                "--guests=asker,answerer",
                "--arms=one,one",
                "--period=200ms",
                "--pairs=3",
                "--json",
                file.toString(),
                "--report",
                page.toString());
    assertEquals(0, outcome.code(), outcome.toString());
    assertTrue(outcome.out().contains("\none (A) "), outcome.out());
    assertTrue(outcome.out().contains("\none (B) "), outcome.out());
    assertTrue(outcome.out().contains("\nmet core-to-core states: "), outcome.out());
    JsonNode result = Json.api().readTree(file.toFile());
    assertEquals(Set.of(), Schemas.violations("compare-live.schema.json", result));
    assertEquals("rtt p50", result.at("/verdicts/0/metric").asText());
    assertTrue(result.at("/rounds/0/p50_us").asDouble() > 0, result.at("/rounds/0").toString());
    String html = Files.readString(page);
    assertTrue(html.contains("<title>one (A) against one (B), under live traffic</title>"));
    assertTrue(html.contains("<h2 id=\"h1\">What is shown</h2>"), html);
    assertEquals(0, guests.get("/swaps").size());
  }

  @Test
  void brokenOffItPutsEverythingBack() throws Exception {
    Process command =
        RunningDaemon.start(
            "compare",
            "--live",
            "--guests=asker,answerer",
            "--arms=one,two",
            "--period=60s",
            "--api=" + guests.daemon().socket());
    while (!guests.way("asker").equals("two, local") && !guests.way("asker").equals("one, local")) {
      assertTrue(command.isAlive(), "ended by itself");
      Thread.sleep(20);
    }
    assertTrue(guests.get("/observations").size() > 0);
    command.destroy();
    assertTrue(command.waitFor(30, TimeUnit.SECONDS), "hangs");
    assertEquals("none, local", guests.way("asker"));
    assertEquals("none, local", guests.way("answerer"));
    assertEquals(0, guests.get("/swaps").size());
    assertEquals(0, guests.get("/observations").size());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --live --arms one,two                              | --live needs --guests: whose frames shall take the arms?
          --live --guests asker                              | --live compares two arms, each 'local' or an uplink: --arms X,Y
          --live --guests asker,asker --arms one,two         | --guests names a guest twice
          --live --guests asker --arms one,two --period soon | --period must be a time such as 10s, 500ms or 1m, not 'soon'
          --live --guests asker --arms one,two --period 1ms  | --period must be between 0.1s and 1h
          --live --guests asker --arms one,two --pairs 0     | --pairs must be between 1 and 10000, not 0
          --live --guests asker --arms one,two --split       | --split needs two guests at least
          --live --guests asker --arms one,two --rounds 3    | --rounds does not go with --live
          --guests asker                                     | --guests needs --live
          """)
  void mistakesGetOneLine(String words, String line) {
    var out = new java.io.StringWriter();
    var err = new java.io.StringWriter();
    int code =
        Main.commandLine()
            .setOut(new java.io.PrintWriter(out))
            .setErr(new java.io.PrintWriter(err))
            .execute(("compare " + words).split(" ", -1));
    assertEquals("outboard: " + line + "\n", err.toString());
    assertEquals(2, code);
  }
}
