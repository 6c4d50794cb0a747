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

/** The VXLAN benchmark, small: every arm carries frames, and the report says what it measured. */
class VxlanCommandTest {
  @TempDir private Path directory;

  @Test
  void everyArmIsMeasuredForEachSize() throws Exception {
    assumeTrue(Processes.isRoot(), "a network of its own needs root");
    Path json = directory.resolve("out.json");
    StringWriter out = new StringWriter();
    int code =
        new CommandLine(new Main())
            .setOut(new PrintWriter(out))
            .execute(
                "vxlan",
                "--samples",
                "2",
                "--frames",
                "500",
                "--sizes",
                "64,1464",
                "--json",
                json.toString());
    assertEquals(0, code);
    assertTrue(out.toString().contains("recvmsg"), out.toString());
    JsonNode arms = Json.api().readTree(Files.readString(json)).path("arms");
    assertEquals(12, arms.size(), arms.toPrettyString());
    for (JsonNode arm : arms) {
      assertTrue(arm.path("cpu_ns_per_frame").asDouble() > 0, arm.toPrettyString());
    }
  }

  @Test
  void nonsenseIsRefused() {
    assertEquals(2, run("vxlan", "--sizes", "59"));
    assertEquals(2, run("vxlan", "--sizes", "64,1465"));
    assertEquals(2, run("vxlan", "--samples", "0"));
  }

  private static int run(String... words) {
    PrintWriter nowhere = new PrintWriter(new StringWriter());
    return new CommandLine(new Main()).setErr(nowhere).setOut(nowhere).execute(words);
  }
}
