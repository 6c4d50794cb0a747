package dev.outboard.integration.compare;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.outboard.integration.UserException;
import dev.outboard.integration.rest.ApiClient;
import dev.outboard.integration.wire.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The sidecar of one arm: a real daemon in a process of its own, spoken to over its API. Used by
 * {@link RunningArm}.
 */
public final class Sidecar implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final SidecarPlan plan;
  private final Child process;
  private final ApiClient api;

  /** What it has counted of its guests since they were attached. */
  public record Counts(long sent, Map<String, Long> drops) {}

  private Sidecar(SidecarPlan plan, Child process, Path socket) {
    this.plan = plan;
    this.process = process;
    api = new ApiClient(socket);
  }

  /** Starts it; {@link #awaitReady} comes next. */
  public static Sidecar start(SidecarPlan plan, Class<?> main, Path directory)
      throws UserException {
    Path own = directory.resolve(plan.folder());
    Path config = own.resolve("outboard.yaml");
    Path socket = own.resolve("api.sock");
    try {
      Files.createDirectory(own);
      Files.writeString(config, plan.config());
    } catch (IOException e) {
      throw new UserException("can't write " + config + ": " + e.getMessage(), e);
    }
    List<String> words = List.of("run", "--config", config.toString(), "--api", socket.toString());
    Child process = Child.start(plan.name(), directory, plan.network(), main, words);
    return new Sidecar(plan, process, socket);
  }

  public void awaitReady() throws UserException {
    String line = process.line(PATIENCE);
    while (!line.startsWith("ready")) {
      line = process.line(PATIENCE);
    }
  }

  /** Attaches a guest as any user would; gives its socket. */
  String attach(Guests.Guest guest) throws UserException {
    ObjectNode request = Json.api().createObjectNode();
    request.put("mac", guest.mac()).put("local_forwarding", plan.uplink() == null);
    request.putArray("addresses").add(guest.address());
    if (plan.uplink() != null) {
      request.put("uplink", plan.uplink());
    }
    try {
      String answer = api.call("PUT", "/guests/" + guest.id(), request.toString());
      return Json.api().readTree(answer).path("socket").asText();
    } catch (JsonProcessingException e) {
      throw new UserException(process.name() + " answered with no JSON", e);
    }
  }

  long pid() {
    return process.pid();
  }

  public Counts counts() throws UserException {
    try {
      long sent = 0;
      Map<String, Long> drops = new TreeMap<>();
      JsonNode stats = Json.api().readTree(api.call("GET", "/stats", ""));
      for (JsonNode guest : stats.path("guests")) {
        JsonNode counters = guest.path("counters");
        sent += counters.path("sent_frames").asLong();
        add(drops, counters);
      }
      for (JsonNode uplink : stats.path("uplinks")) {
        add(drops, uplink);
      }
      // The kernel is asked for these, of all sockets; a transport only looks now and then.
      drops.remove("receive-socket-full");
      return new Counts(sent, drops);
    } catch (JsonProcessingException e) {
      throw new UserException(process.name() + " answered with no JSON", e);
    }
  }

  private static void add(Map<String, Long> drops, JsonNode counters) {
    counters
        .path("drops")
        .properties()
        .forEach(drop -> drops.merge(drop.getKey(), drop.getValue().asLong(), Long::sum));
  }

  @Override
  public void close() {
    api.close();
    process.close();
  }
}
