package dev.outboard.integration.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.guest.Endpoint;
import dev.outboard.guest.TcpConversation;
import dev.outboard.integration.RunningDaemon;
import dev.outboard.integration.RunningDaemon.Outcome;
import dev.outboard.integration.rest.ApiClient;
import dev.outboard.integration.wire.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code outboard observe} watches guests that talk. */
final class ObserveCommandTest {
  private static final Endpoint ASKER = Endpoint.of("52:54:00:00:00:01", "10.0.0.1");
  private static final Endpoint ANSWERER = Endpoint.of("52:54:00:00:00:02", "10.0.0.2");
  private static final long DELAY_MICROS = 3_000;

  @TempDir private Path directory;

  @Test
  void itSeesHowLongAnswersTakeAndLeavesNothingButWhatWasThere() throws Exception {
    Path config = directory.resolve("outboard.yaml");
    Files.writeString(
        config,
        """
        guests:
          - {id: asker, mac: "52:54:00:00:00:01", addresses: [10.0.0.1]}
          - {id: answerer, mac: "52:54:00:00:00:02", addresses: [10.0.0.2]}
        """);
    try (RunningDaemon daemon = new RunningDaemon(directory, "--config", config.toString());
        ApiClient client = new ApiClient(daemon.socket());
        TcpConversation talk = talk()) {
      talk.delay(DELAY_MICROS * 1_000);
      String observing = client.call("PUT", "/observations/answerer", "");
      assertEquals(0, Json.api().readTree(observing).path("segments").asInt());
      JsonNode seen = observe(daemon);
      JsonNode asker = seen.path(0);
      assertTrue(asker.path("round_trips").asLong() >= 1, seen.toPrettyString());
      assertTrue(asker.path("p50_us").asDouble() >= DELAY_MICROS * 0.99, seen.toPrettyString());
      assertTrue(asker.path("bytes").asLong() >= 100, seen.toPrettyString());
      assertEquals(0, seen.path(1).path("segments").asLong(), "it only acknowledges");
      assertEquals(List.of("answerer"), observed(client));
      Process interrupted =
          RunningDaemon.start(
              "observe", "asker", "--seconds", "600", "--api", daemon.socket().toString());
      await(() -> observed(client).equals(List.of("answerer", "asker")));
      interrupted.destroy();
      await(() -> observed(client).equals(List.of("answerer")));
      assertTrue(interrupted.waitFor(30, TimeUnit.SECONDS));
    }
  }

  private static List<String> observed(ApiClient client) throws Exception {
    List<String> guests = new ArrayList<>();
    Json.api()
        .readTree(client.call("GET", "/observations", ""))
        .forEach(each -> guests.add(each.path("guest").asText()));
    return guests;
  }

  private static void await(Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.call()) {
      assertTrue(System.nanoTime() < deadline, "waited in vain");
      Thread.sleep(10);
    }
  }

  private TcpConversation talk() throws Exception {
    return TcpConversation.start(
        directory.resolve("guests/asker.sock"),
        ASKER,
        directory.resolve("guests/answerer.sock"),
        ANSWERER,
        new TcpConversation.Pace(100, 0));
  }

  private static JsonNode observe(RunningDaemon daemon) throws Exception {
    Outcome outcome = daemon.outboard("observe", "asker", "answerer", "--seconds", "1", "--json");
    assertEquals(0, outcome.code(), outcome.toString());
    return Json.api().readTree(outcome.out());
  }
}
