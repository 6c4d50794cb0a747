package dev.outboard.integration.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.integration.RunningDaemon;
import dev.outboard.integration.RunningDaemon.Outcome;
import dev.outboard.integration.UserException;
import dev.outboard.integration.rest.ApiClient;
import dev.outboard.integration.wire.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which guests a daemon has after it was killed or stopped, and started again. */
final class RestartTest {
  @TempDir private Path directory;

  private static JsonNode call(RunningDaemon daemon, String method, String path, String body)
      throws IOException, UserException {
    try (ApiClient client = new ApiClient(daemon.socket())) {
      String answer = client.call(method, path, body);
      return answer.isEmpty() ? null : Json.api().readTree(answer);
    }
  }

  @Test
  void guestsOfTheApiComeBackAfterAKillAsTheyWere() throws Exception {
    JsonNode before;
    try (RunningDaemon daemon = new RunningDaemon(directory)) {
      call(daemon, "PUT", "/guests/web", "{\"addresses\": [\"10.0.0.1\"], \"network\": 9}");
      call(daemon, "PUT", "/guests/gone", "{}");
      call(daemon, "PUT", "/guests/db", "{\"socket\": \"" + directory + "/mine.sock\"}");
      call(daemon, "DELETE", "/guests/gone", "");
      before = call(daemon, "GET", "/guests", "");
      assertEquals(2, before.size());
      daemon.kill();
    }
    try (RunningDaemon next = new RunningDaemon(directory)) {
      assertEquals(before, call(next, "GET", "/guests", ""));
      assertEquals(0, next.terminate());
    }
    try (RunningDaemon third = new RunningDaemon(directory)) {
      assertEquals(before, call(third, "GET", "/guests", ""), "after an orderly end, too");
      assertEquals(0, third.terminate());
    }
  }

  @Test
  void theConfigurationWinsAndWhatCannotBeAttachedHoldsNobodyUp() throws Exception {
    Path config = directory.resolve("c.yaml");
    Files.writeString(config, "networks: [{id: 5, mtu: 9000}]\n");
    try (RunningDaemon daemon = new RunningDaemon(directory, "--config", config.toString())) {
      call(daemon, "PUT", "/guests/web", "{\"network\": 5}");
      call(daemon, "PUT", "/guests/db", "{\"mac\": \"02:00:00:00:00:07\"}");
      call(daemon, "PUT", "/guests/mail", "{}");
      daemon.kill();
    }
    Files.writeString(
        config, "guests: [{id: web, network: 6}, {id: new, mac: '02:00:00:00:00:07'}]\n");
    try (RunningDaemon next = new RunningDaemon(directory, "--config", config.toString())) {
      JsonNode guests = call(next, "GET", "/guests", "");
      assertEquals(List.of("mail", "new", "web"), guests.findValuesAsText("id"));
      assertEquals(6, guests.path(2).path("network").asInt());
      String said = String.join("\n", next.lines());
      assertTrue(said.contains("guest web: the configuration has it now, and wins"), said);
      assertTrue(said.contains("guest db: warning: not attached again: "), said);
      call(next, "DELETE", "/guests/db", "");
      assertEquals(0, next.terminate());
    }
    try (RunningDaemon third = new RunningDaemon(directory)) {
      JsonNode guests = call(third, "GET", "/guests", "");
      assertEquals(List.of("mail"), guests.findValuesAsText("id"));
    }
  }

  @Test
  void aTornFileIsOneLineAndNotTheEnd() throws Exception {
    Path guests = Files.createDirectories(directory.resolve("api.sock.d/guests"));
    Files.writeString(guests.resolve("web.json"), "{\"version\": 1, \"gue");
    try (RunningDaemon daemon = new RunningDaemon(directory)) {
      List<String> told =
          daemon.lines().stream().filter(line -> line.contains("web.json")).toList();
      assertEquals(1, told.size(), daemon.lines().toString());
      assertTrue(told.getFirst().contains("is torn or not ours"), told.getFirst());
    }
  }

  @Test
  void aSecondDaemonOnTheSameRuntimeDirectoryIsRefusedInOneLine() throws Exception {
    Path config = directory.resolve("c.yaml");
    Files.writeString(config, "runtime-directory: " + directory.resolve("shared") + "\n");
    try (RunningDaemon first = new RunningDaemon(directory, "--config", config.toString())) {
      Outcome second =
          RunningDaemon.command(
              "run", "--config", config.toString(), "--api", directory.resolve("b.sock") + "");
      assertEquals(1, second.code(), second.toString());
      assertEquals(1, second.err().lines().count(), second.err());
      String holder = "in use by process " + first.handle().pid();
      assertTrue(second.err().contains("shared is " + holder), second.err());
      assertEquals(0, first.terminate());
    }
  }
}
