package dev.outboard.integration.figures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.integration.RunningDaemon;
import dev.outboard.integration.RunningDaemon.Outcome;
import dev.outboard.integration.Schemas;
import dev.outboard.integration.cli.InProcess;
import dev.outboard.integration.compare.DpdkDriver;
import dev.outboard.integration.wire.Json;
import dev.outboard.linux.Processes;
import dev.outboard.testing.SideBySide;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command as users meet it, with few microVMs and short loads. */
@Timeout(300)
@SideBySide
final class FiguresTest {
  @TempDir private Path directory;

  @Test
  void eachPointIsMeasuredAndEachFrameIsAccountedFor() throws IOException, InterruptedException {
    Assumptions.assumeTrue(Processes.isRoot(), "network namespaces need root: sudo ./check");
    Assumptions.assumeTrue(Files.exists(Path.of("/dev/net/tun")), "no /dev/net/tun on this host");
    Assumptions.assumeTrue(Runtime.getRuntime().availableProcessors() > 1, "needs two processors");
    boolean dpdk = DpdkDriver.AF_XDP.refusal().isEmpty();
    Path json = directory.resolve("figures.json");
    Path page = directory.resolve("figures.html");
    Outcome outcome =
        RunningDaemon.command(
            "figures",
            "--arms",
            "vmm-tap,tuntap,iouring" + (dpdk ? ",dpdk" : ""),
            "--vms",
            "1,3",
            "--rounds",
            "1",
            "--seconds",
            "0.03",
            "--json",
            json.toString(),
            "--report",
            page.toString());

    assertEquals(new Outcome(0, outcome.out(), ""), outcome);
    assertFalse(outcome.out().contains("MISMATCH"), outcome.out());
    assertFalse(outcome.out().contains("CORRUPT"), outcome.out());
    JsonNode report = Json.api().readTree(Files.readString(json));
    assertEquals(Set.of(), Schemas.violations("figures.schema.json", report));
    assertPoints(report, dpdk ? 4 : 3);
    assertTrue(Files.readString(page).contains("Figure 3b: messages answered, vm-vm"));
  }

  private static void assertPoints(JsonNode report, int arms) {
    // Host-host has one way, each arm has three; with TCP between guests besides.
    int ways = 1 + arms * 3;
    assertEquals(ways * (2 * 2 + 2) + arms * 3, report.path("points").size());
    assertEquals(ways, report.path("saturation").size());
    assertEquals(ways + arms * 2, report.path("size_steps").size());
    assertEquals(5, report.path("effects").size());
    for (JsonNode point : report.path("points")) {
      long dropped = 0;
      for (JsonNode count : point.path("drops")) {
        dropped += count.asLong();
      }
      String text = point.toString();
      assertEquals(point.path("sent").asLong(), point.path("received").asLong() + dropped, text);
      assertEquals(0, point.path("missing").asLong(), text);
      assertEquals(0, point.path("corrupt").asLong(), text);
      assertTrue(point.path("messages").asLong() > 0, text);
      double figure =
          point.path("figure").asInt() == 2
              ? point.path("gbit_per_s").asDouble()
              : point.path("p50_us").asDouble();
      assertTrue(figure > 0, text);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --arms wire          | unknown arm 'wire'; known: vmm-tap, tuntap, iouring, dpdk
          --arms tuntap,tuntap | arm 'tuntap' is named twice
          --only 5             | unknown figure '5'; known: 2 (throughput), 3 (latency), 4 (sizes)
          --vms 0              | --vms must be between 1 and 1000, not 0
          --rounds 0           | --rounds must be between 1 and 1000, not 0
          --seconds 0.001      | --seconds must be between 0.02 and 60.0, not 0.001
          --json /             | can't write /: name a file in a folder of yours
          """)
  void mistakesGetOneLine(String words, String line) {
    String[] command = ("figures " + words).split(" ", -1);
    Outcome outcome = InProcess.command(command);
    assertEquals(2, outcome.code(), outcome.toString());
    assertTrue(outcome.err().contains(line), outcome.err());
    assertEquals(1, outcome.err().lines().count(), outcome.err());
  }
}
