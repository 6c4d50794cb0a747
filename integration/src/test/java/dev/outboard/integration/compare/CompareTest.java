package dev.outboard.integration.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.outboard.integration.RunningDaemon;
import dev.outboard.integration.RunningDaemon.Outcome;
import dev.outboard.integration.wire.Json;
import dev.outboard.linux.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The command as users meet it: what it prints, what it writes, and that nothing is left. */
@Timeout(300)
final class CompareTest {
  private static final Path SCHEMA =
      Path.of(System.getProperty("outboard.root"), "docs", "compare.schema.json");

  @TempDir private Path directory;

  @BeforeEach
  void needsRootAndTaps() {
    Assumptions.assumeTrue(Processes.isRoot(), "network namespaces need root: sudo ./check");
    Assumptions.assumeTrue(Files.exists(Path.of("/dev/net/tun")), "no /dev/net/tun on this host");
    Assumptions.assumeTrue(Runtime.getRuntime().availableProcessors() > 1, "needs two processors");
  }

  @Test
  void allArmsRunAndEachFrameIsAccountedFor() throws IOException, InterruptedException {
    Path file = directory.resolve("out.json");
    Outcome outcome =
        RunningDaemon.command(
            "compare", "--rounds", "2", "--seconds", "0.05", "--json", file.toString());
    assertEquals(new Outcome(0, outcome.out(), ""), outcome);
    JsonNode report = Json.api().readTree(Files.readString(file));
    assertEquals(Set.of(), violations(report));

    Set<String> names = new TreeSet<>();
    for (JsonNode arm : report.path("arms")) {
      names.add(arm.path("name").asText());
      long dropped = 0;
      for (JsonNode count : arm.path("drops")) {
        dropped += count.asLong();
      }
      long sent = arm.path("sent").asLong();
      assertTrue(sent > 0 && arm.path("received").asLong() > 0, arm.toString());
      assertEquals(sent, arm.path("received").asLong() + dropped, arm.toString());
      assertEquals(0, arm.path("corrupt").asLong(), arm.toString());
      assertEquals(2, arm.path("rounds").size());
      for (JsonNode round : arm.path("rounds")) {
        assertTrue(round.path("frames_per_s").asDouble() > 0, round.toString());
        assertTrue(round.path("gbit_per_s").asDouble() > 0, round.toString());
        assertTrue(round.path("round_trips_per_s").asDouble() > 0, round.toString());
        long counted = round.path("counted").asLong();
        assertTrue(counted == -1 || counted == round.path("sent").asLong(), round.toString());
      }
      assertTrue(outcome.out().contains("\n" + arm.path("name").asText() + "  "), outcome.out());
    }
    assertEquals(Set.of("host", "local", "tuntap", "vmm-tap"), names);
    assertFalse(outcome.out().contains("MISMATCH"), outcome.out());
    assertTrue(outcome.out().contains("both guests in one thread on CPU"), outcome.out());
  }

  private static Set<String> violations(JsonNode report) throws IOException {
    Set<String> violations = new TreeSet<>();
    JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
        .getSchema(Files.readString(SCHEMA))
        .validate(report)
        .forEach(message -> violations.add(message.getMessage()));
    return violations;
  }

  @Test
  void aKilledOneLeavesNoProcess() throws IOException, InterruptedException {
    Process victim = RunningDaemon.start("compare", "--rounds", "10000", "--seconds", "1");
    try {
      String mark = "outboard-compare-" + victim.pid() + "-";
      // Two sidecars, and the two loads that use their sockets.
      awaitProcesses(mark, 4);
      victim.destroyForcibly().waitFor();
      awaitProcesses(mark, 0);
    } finally {
      victim.destroyForcibly();
    }
  }

  private static void awaitProcesses(String mark, int count) throws InterruptedException {
    long found = -1;
    for (int i = 0; i < 1200 && found != count; i++) {
      Thread.sleep(50);
      try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
        found = all.filter(process -> commandLine(process.pid()).contains(mark)).count();
      }
    }
    assertEquals(count, found);
  }

  /** {@code ProcessHandle} cuts it short. */
  private static String commandLine(long pid) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"));
    } catch (IOException e) {
      return "";
    }
  }

  @Test
  void mistakesGetOneLine() throws IOException, InterruptedException {
    failsWith(2, "unknown arm 'vhost'; known: local, tuntap, vmm-tap, host", "--arms", "vhost");
    failsWith(2, "arm 'local' is named twice", "--arms", "local,local");
    failsWith(2, "unknown topology 'two-hosts'; known: one-host", "--topology", "two-hosts");
    failsWith(2, "--rounds must be between", "--rounds", "0");
    failsWith(2, "--seconds must be between", "--seconds", "0");
    failsWith(2, "can't write /nowhere/out.json", "--json", "/nowhere/out.json");
  }

  private static void failsWith(int code, String message, String... options)
      throws IOException, InterruptedException {
    List<String> words = Stream.concat(Stream.of("compare"), Stream.of(options)).toList();
    Outcome outcome = RunningDaemon.command(words.toArray(String[]::new));
    assertEquals(code, outcome.code(), outcome.toString());
    assertEquals("", outcome.out());
    assertEquals(1, outcome.err().lines().count(), outcome.err());
    assertTrue(outcome.err().contains(message), outcome.err());
  }
}
