package dev.outboard.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.integration.wire.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The benchmark of crowds, small: real sessions, and what it says of them. */
class CrowdCommandTest {
  @TempDir private Path directory;

  @Test
  void crowdsForwardFramesAndTheirGuestsAreWeighed() throws Exception {
    Path json = directory.resolve("out.json");
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        new CommandLine(new Main())
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(
                "crowd",
                "--guests=2,20",
                "--share=20",
                "--frames=8",
                "--rounds=1",
                "--seconds=0.02",
                "--json=" + json);
    assertEquals(0, code, err.toString());
    assertTrue(out.toString().contains("Bytes for each of 20 guests"), out.toString());
    JsonNode root = Json.api().readTree(Files.readString(json));
    assertEquals(3, root.path("cells").size(), root.toPrettyString());
    for (JsonNode cell : root.path("cells")) {
      assertTrue(cell.at("/ns_per_frame/median").asDouble() > 0, cell.toPrettyString());
    }
    List<String> parts = new ArrayList<>();
    root.at("/bytes_per_guest/parts").forEach(part -> parts.add(part.path("name").asText()));
    assertTrue(
        parts.containsAll(List.of("GuestDevice", "ReceiveQueue", "TransmitQueue")), out::toString);
    long hot = root.at("/bytes_per_guest/hot").asLong();
    assertTrue(hot > 0 && hot <= root.at("/bytes_per_guest/heap").asLong(), out::toString);
  }

  @Test
  void aShareThatIsNobodyIsLeftOut() {
    assertEquals(
        List.of(
            new CrowdArm.Crowd(2, 2),
            new CrowdArm.Crowd(126, 126),
            new CrowdArm.Crowd(126, 6),
            new CrowdArm.Crowd(2500, 2500),
            new CrowdArm.Crowd(2500, 125)),
        CrowdCommand.crowds(List.of(2, 126, 2500), 5));
  }

  @Test
  void nonsenseIsRefused() {
    assertEquals(2, run("crowd", "--guests", "1"));
    assertEquals(2, run("crowd", "--share", "0"));
    assertEquals(2, run("crowd", "--ring", "48"));
    assertEquals(2, run("crowd", "--frames", "100"));
    assertEquals(2, run("crowd", "--rounds", "0"));
  }

  private static int run(String... words) {
    PrintWriter nowhere = new PrintWriter(new StringWriter());
    return new CommandLine(new Main()).setErr(nowhere).setOut(nowhere).execute(words);
  }
}
