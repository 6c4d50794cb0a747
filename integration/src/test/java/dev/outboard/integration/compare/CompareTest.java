package dev.outboard.integration.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.integration.RunningDaemon;
import dev.outboard.integration.RunningDaemon.Outcome;
import dev.outboard.integration.Schemas;
import dev.outboard.integration.cli.InProcess;
import dev.outboard.integration.wire.Json;
import dev.outboard.linux.Processes;
import dev.outboard.testing.LongTier;
import dev.outboard.testing.SideBySide;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The command as users meet it: what it prints, what it writes, and that nothing is left. */
@Timeout(300)
@SideBySide
final class CompareTest {
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
    assertAddsUp(outcome, file, Set.of("host", "local", "tuntap", "vmm-tap"));
    assertTrue(outcome.out().contains("both guests in one thread on CPU"), outcome.out());
  }

  @Test
  void armsBetweenTwoHostsRunAtOneRateAndEachFrameIsAccountedFor()
      throws IOException, InterruptedException {
    Path file = directory.resolve("out.json");
    Outcome outcome =
        RunningDaemon.command(
            "compare",
            "--topology",
            "two-host",
            "--rounds",
            "2",
            "--seconds",
            "0.05",
            "--link-rate",
            "2gbit",
            "--json",
            file.toString());
    Set<String> arms = new TreeSet<>(Arm.all(Topology.TWO_HOST));
    arms.remove(Arm.DPDK.label());
    assertTrue(outcome.err().contains("without the arm dpdk: --link-rate limits"), outcome.err());
    assertEquals(1, outcome.err().lines().count(), outcome.err());
    JsonNode report = assertAddsUp(new Outcome(outcome.code(), outcome.out(), ""), file, arms);
    long rate = report.path("host").path("requests_per_s_at_load").asLong();
    assertTrue(rate > 0, report.path("host").toString());
    for (JsonNode arm : report.path("arms")) {
      assertEquals("two-host", arm.path("topology").asText());
      assertTrue(arm.path("rtt_at_load_us").path("p50").asDouble() > 0, arm.toString());
      for (JsonNode round : arm.path("rounds")) {
        long answers = round.path("work_at_load").path("frames").asLong();
        assertTrue(answers > 0 && answers <= rate * 0.05, round.toString());
        // What the wire lets through, of which the bucket may have saved up some.
        assertTrue(round.path("gbit_per_s").asDouble() < 2.2, round.toString());
      }
    }
    assertTrue(outcome.out().contains("2gbit; at load: " + rate), outcome.out());
  }

  @LongTier("compare-af-packet")
  void eachFrameThatDpdkCarriesByPacketSocketsIsAccountedFor() throws Exception {
    eachFrameThatDpdkCarriesIsAccountedFor(DpdkDriver.AF_PACKET);
  }

  @ParameterizedTest
  @EnumSource(names = "AF_XDP")
  void eachFrameThatDpdkCarriesIsAccountedFor(DpdkDriver driver)
      throws IOException, InterruptedException {
    driver.refusal().ifPresent(reason -> Assumptions.abort("no arm dpdk here: " + reason));
    Path file = directory.resolve("out.json");
    Outcome outcome =
        RunningDaemon.command(
            "compare",
            "--topology",
            "two-host",
            "--arms",
            "dpdk,host",
            "--dpdk-driver",
            driver.label(),
            "--rounds",
            "2",
            "--seconds",
            "0.05",
            "--json",
            file.toString());
    JsonNode report = assertAddsUp(outcome, file, Set.of("dpdk", "host"));
    assertEquals(driver.words(), report.at("/host/dpdk_driver").asText());
  }

  private static JsonNode assertAddsUp(Outcome outcome, Path file, Set<String> arms)
      throws IOException {
    assertEquals(new Outcome(0, outcome.out(), ""), outcome);
    JsonNode report = Json.api().readTree(Files.readString(file));
    assertEquals(Set.of(), Schemas.violations("compare.schema.json", report));

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
    assertEquals(arms, names);
    assertFalse(outcome.out().contains("MISMATCH"), outcome.out());
    return report;
  }

  @Test
  void aKilledOneLeavesNoProcess() throws IOException, InterruptedException {
    // Two sidecars, and the two loads that use their sockets.
    assertAKilledOneLeavesNoProcess(4, "--topology", "one-host");
  }

  @Test
  void aKilledOneLeavesNoProcessOfEitherHost() throws IOException, InterruptedException {
    // A sidecar on each host, and the load.
    assertAKilledOneLeavesNoProcess(3, "--topology", "two-host", "--arms", "tuntap");
  }

  private static void assertAKilledOneLeavesNoProcess(int processes, String... options)
      throws IOException, InterruptedException {
    List<String> words =
        Stream.concat(
                Stream.of("compare", "--rounds", "10000", "--seconds", "1"), Stream.of(options))
            .toList();
    Process victim = RunningDaemon.start(words.toArray(String[]::new));
    try {
      String mark = "outboard-compare-" + victim.pid() + "-";
      awaitProcesses(mark, processes);
      Set<String> networks = networks(mark);
      victim.destroyForcibly().waitFor();
      awaitProcesses(mark, 0);
      awaitNoHolder(networks);
    } finally {
      victim.destroyForcibly();
    }
  }

  /** The network namespaces of such processes. */
  private static Set<String> networks(String mark) {
    Set<String> networks = new TreeSet<>();
    try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
      all.filter(process -> commandLine(process.pid()).contains(mark))
          .forEach(process -> networks.add(network(process.pid())));
    }
    networks.remove(network(ProcessHandle.current().pid()));
    networks.remove("");
    return networks;
  }

  /** No process that keeps one of these networks, whatever it is called. */
  private static void awaitNoHolder(Set<String> networks) throws InterruptedException {
    boolean held = true;
    for (int i = 0; i < 1200 && held; i++) {
      Thread.sleep(50);
      try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
        held = all.anyMatch(process -> networks.contains(network(process.pid())));
      }
    }
    assertFalse(held, networks.toString());
  }

  private static String network(long pid) {
    try {
      return Files.readSymbolicLink(Path.of("/proc", Long.toString(pid), "ns", "net")).toString();
    } catch (IOException e) {
      return "";
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
  void mistakesGetOneLine() {
    failsWith(
        2,
        "unknown arm 'vhost'; known: local, iouring, kernel-tcp, kernel-tcp-tls, dpdk, tuntap, vmm-tap, host",
        "--arms",
        "vhost");
    failsWith(2, "arm 'local' is named twice", "--arms", "local,local");
    failsWith(
        2, "unknown topology 'two-hosts'; known: one-host, two-host", "--topology", "two-hosts");
    failsWith(
        2, "arm 'local' is within one host", "--topology", "two-host", "--arms", "vmm-tap,local");
    failsWith(2, "arm 'iouring' is only between two hosts", "--arms", "iouring");
    String[] limited = {"--topology", "two-host", "--arms", "dpdk", "--link-rate", "1gbit"};
    failsWith(2, "the arm dpdk can't run here: --link-rate limits", limited);
    failsWith(2, "arm 'dpdk' is only between two hosts", "--arms", "dpdk");
    failsWith(2, "unknown driver 'xdp' of DPDK; known: af_xdp, af_packet", "--dpdk-driver", "xdp");
    failsWith(2, "--link-rate needs --topology two-host", "--link-rate", "1gbit");
    failsWith(2, "--link-rate must be between", "--topology", "two-host", "--link-rate", "1gbit/s");
    failsWith(2, "--rounds must be between", "--rounds", "0");
    failsWith(2, "--seconds must be between", "--seconds", "0");
    failsWith(2, "can't write /nowhere/out.json", "--json", "/nowhere/out.json");
  }

  private static void failsWith(int code, String message, String... options) {
    List<String> words = Stream.concat(Stream.of("compare"), Stream.of(options)).toList();
    Outcome outcome = InProcess.command(words.toArray(String[]::new));
    assertEquals(code, outcome.code(), outcome.toString());
    assertEquals("", outcome.out());
    assertEquals(1, outcome.err().lines().count(), outcome.err());
    assertTrue(outcome.err().contains(message), outcome.err());
  }
}
