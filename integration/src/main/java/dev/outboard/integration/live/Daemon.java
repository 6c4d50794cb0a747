package dev.outboard.integration.live;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.integration.UserException;
import dev.outboard.integration.compare.CpuTime;
import dev.outboard.integration.rest.ApiClient;
import dev.outboard.integration.wire.Json;
import dev.outboard.integration.wire.ObservationView;
import dev.outboard.integration.wire.RoundTrips;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The running daemon, asked over its API as anybody could. One thread at a time. */
final class Daemon implements AutoCloseable {
  private static final double TICKS_PER_SECOND = 100;

  /** Places in {@code /proc/PID/stat}, counted from behind the command's name. */
  private static final int USER_TICKS = 11;

  private static final int SYSTEM_TICKS = 12;

  private final Path socket;
  private final ApiClient client;
  private Path processStat;

  Daemon(Path socket) {
    this.socket = socket;
    client = new ApiClient(socket);
  }

  /** {@code GET /}: which daemon it is; its process is looked at from now on. */
  JsonNode info() throws UserException {
    JsonNode info = ask("GET", "/", "");
    processStat = Path.of("/proc/" + info.path("pid").asLong() + "/stat");
    return info;
  }

  JsonNode guest(String id) throws UserException {
    return ask("GET", "/guests/" + id, "");
  }

  /** Those that somebody observes already. */
  Set<String> observed() throws UserException {
    Set<String> guests = new HashSet<>();
    ask("GET", "/observations", "").forEach(one -> guests.add(one.path("guest").asText()));
    return guests;
  }

  /** Everything that is counted of these guests, which are observed. */
  Snapshot snapshot(List<String> guests) throws UserException {
    Map<String, ObservationView> observations = new HashMap<>();
    for (JsonNode each : ask("GET", "/observations", "")) {
      ObservationView view = observation(each);
      observations.put(view.guest(), view);
    }
    JsonNode stats = ask("GET", "/stats", "");
    Map<String, Snapshot.Guest> counted = new HashMap<>();
    for (JsonNode each : stats.path("guests")) {
      String id = each.path("id").asText();
      ObservationView seen = observations.get(id);
      if (guests.contains(id) && seen != null) {
        counted.put(id, guest(each.path("counters"), seen));
      }
    }
    for (String id : guests) {
      if (!counted.containsKey(id)) {
        throw new UserException(
            socket + ": guest '" + id + "' is gone, or is not observed any more: start again");
      }
    }
    Map<String, Map<String, Long>> uplinkDrops = new TreeMap<>();
    for (JsonNode uplink : stats.path("uplinks")) {
      uplinkDrops.put(uplink.path("name").asText(), counts(uplink.path("drops")));
    }
    return new Snapshot(counted, uplinkDrops, sidecarSeconds(), CpuTime.now());
  }

  private static Snapshot.Guest guest(JsonNode counters, ObservationView seen) {
    return new Snapshot.Guest(
        RoundTrips.decode(seen.histogram()),
        seen.segments(),
        seen.retransmissions(),
        counters.path("sent_frames").asLong() + counters.path("received_frames").asLong(),
        counters.path("sent_bytes").asLong() + counters.path("received_bytes").asLong(),
        counts(counters.path("drops")));
  }

  private ObservationView observation(JsonNode node) throws UserException {
    try {
      return Json.api().treeToValue(node, ObservationView.class);
    } catch (JsonProcessingException e) {
      throw new UserException(socket + ": can't read what it observed: " + e.getMessage(), e);
    }
  }

  private static Map<String, Long> counts(JsonNode drops) {
    Map<String, Long> counts = new TreeMap<>();
    drops.properties().forEach(drop -> counts.put(drop.getKey(), drop.getValue().asLong()));
    return counts;
  }

  private double sidecarSeconds() throws UserException {
    try {
      String line = Files.readString(processStat);
      String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ", -1);
      long ticks = Long.parseLong(fields[USER_TICKS]) + Long.parseLong(fields[SYSTEM_TICKS]);
      return ticks / TICKS_PER_SECOND;
    } catch (IOException e) {
      throw new UserException(
          "can't read " + processStat + ", the daemon's process: compare on its own host", e);
    }
  }

  /** Sends a request; the answer as JSON, missing if it is empty. */
  JsonNode ask(String method, String path, String body) throws UserException {
    try {
      return Json.api().readTree(client.call(method, path, body));
    } catch (JsonProcessingException e) {
      throw new UserException(socket + ": answered with no JSON", e);
    } catch (UserException e) {
      throw new UserException(socket + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
