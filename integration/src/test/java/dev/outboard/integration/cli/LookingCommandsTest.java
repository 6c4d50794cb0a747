package dev.outboard.integration.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.outboard.integration.RunningDaemon.Outcome;
import dev.outboard.integration.wire.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The commands that look at a host and a configuration and start nothing. */
final class LookingCommandsTest {
  private static final Path SCHEMA = Path.of("../docs/doctor.schema.json");

  @TempDir private Path directory;

  @Test
  void theDoctorPrintsWhatItsSchemaSays() throws IOException {
    Outcome doctor = outboard("doctor", "--guests", "1", "--json");
    JsonNode answer = Json.api().readTree(doctor.out());
    assertEquals(
        Set.of(),
        JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
            .getSchema(Files.readString(SCHEMA))
            .validate(answer));
    Map<String, String> states = new HashMap<>();
    for (JsonNode check : answer.path("checks")) {
      String name = check.path("group").asText() + " " + check.path("name").asText();
      assertEquals(null, states.put(name, check.path("state").asText()), name + " twice");
    }
    assertTrue(
        states
            .keySet()
            .containsAll(
                Set.of(
                    "stack api",
                    "transport tuntap",
                    "transport iouring",
                    "transport dpdk",
                    "transport kernel-tcp",
                    "notifier epoll",
                    "notifier iouring",
                    "vmm kvm",
                    "kernel bridge-filter",
                    "limit open-files")),
        states.toString());
    assertFalse(states.containsValue("no"), doctor.out());
    assertEquals(0, doctor.code());
  }

  @Test
  void whatCannotRunIsSaidWithAReasonARemedyAndExitCodeOne() throws IOException {
    Path config = config("max-guests: 9\n");
    Outcome doctor = outboard("doctor", "--guests", "10", "--config", config.toString());
    assertEquals(1, doctor.code(), doctor.toString());
    assertTrue(
        doctor
            .out()
            .contains(
                """
                  no   max-guests        10 guests are more than max-guests, 9
                                         -> max-guests: 10 in the configuration
                """),
        doctor.out());
    assertTrue(doctor.out().endsWith("can't run here like this: see the lines with 'no'.\n"));
  }

  @Test
  void aWrongConfigurationIsOneOfTheDoctorsFindings() throws IOException {
    Path config = config("workers: 1\nisolation: none\n");
    Outcome doctor = outboard("doctor", "--guests", "1", "--config", config.toString());
    assertEquals(1, doctor.code(), doctor.toString());
    String line = "  no   configuration     " + config + ":2: unknown isolation 'none'; known: ";
    assertTrue(doctor.out().contains(line), doctor.out());
    assertTrue(doctor.out().contains("  ok   epoll "), doctor.out());
  }

  @Test
  void aPluginThatIsRefusedIsAWarning() throws IOException {
    Files.createDirectories(directory.resolve("plugins/empty"));
    Path config = config("notifier: epoll\n");
    Outcome doctor = outboard("doctor", "--guests", "1", "--config", config.toString());
    assertEquals(0, doctor.code(), doctor.toString());
    assertTrue(
        doctor.out().contains("\nplugin:\n  warn empty             refused: "), doctor.out());
  }

  @Test
  void aGoodConfigurationIsSummedUpAndNothingIsStarted() throws IOException {
    Path config =
        config(
            """
            notifier: epoll
            networks: [{id: 7, mtu: 1400}]
            guests: [{id: a}, {id: b, network: 7}]
            """);
    Outcome check = outboard("check-config", config.toString());
    String socket = directory.resolve("api.sock").toString();
    assertEquals(
        new Outcome(
            0,
            """
            %s: ok
              isolation: shared; workers: 1, not pinned; notifier: epoll
              API: %s
              runtime directory: %s.d
              guests at start: 2 (a, b)
            """
                .formatted(config, socket, socket),
            ""),
        check);
    JsonNode json = Json.api().readTree(outboard("check-config", config + "", "--json").out());
    assertTrue(json.path("ok").asBoolean());
    assertEquals("b", json.at("/plan/guests/1").asText());
    assertEquals(4096, json.at("/plan/max_guests").asInt());
    assertEquals(List.of("c.yaml"), List.of(directory.toFile().list()));
  }

  @Test
  void aBadConfigurationGetsTheLineThatRunWouldPrint() throws IOException {
    Path config = config("workers: 1\nuplinks:\n  wan: {transport: pigeon}\n");
    Outcome run = outboard("run", "--config", config.toString());
    assertTrue(run.err().startsWith("outboard: " + config + ":3: unknown transport 'pigeon'"));
    assertEquals(run, outboard("check-config", config.toString()));
    Outcome json = outboard("check-config", config.toString(), "--json");
    assertEquals(run.err(), json.err());
    String problem = Json.api().readTree(json.out()).path("problem").asText();
    assertEquals(run.err().strip(), "outboard: " + problem);
  }

  @Test
  void transportsAreListedWithTheirSettings() throws IOException {
    Outcome text = outboard("transports");
    assertTrue(text.out().contains("\n  pool.max        number  64 "), text.out());
    JsonNode alone = Json.api().readTree(outboard("transports", "--json").out());
    assertEquals("dpdk", alone.at("/0/name").asText());
    assertEquals("iouring", alone.at("/1/name").asText());
    assertEquals("kernel-tcp", alone.at("/2/name").asText());
    assertEquals("tuntap", alone.at("/3/name").asText());
    assertEquals("pool.min", alone.at("/3/settings/0/name").asText());
    assertTrue(alone.at("/0/usable").isBoolean());
  }

  private Path config(String text) throws IOException {
    return Files.writeString(directory.resolve("c.yaml"), text);
  }

  private Outcome outboard(String... words) {
    String[] all = Arrays.copyOf(words, words.length + 2);
    all[words.length] = "--api";
    all[words.length + 1] = directory.resolve("api.sock").toString();
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = Main.commandLine();
    line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    int code = line.execute(all);
    return new Outcome(code, out.toString(), err.toString());
  }
}
