package dev.outboard.integration.compare;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.guest.LoadMain;
import dev.outboard.integration.UserException;
import dev.outboard.integration.wire.Json;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The guests of one arm in a process of their own: it sleeps until it is asked for a load. Used by
 * {@link RunningArm}.
 */
final class LoadProcess implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Child process;
  private long peer;

  private LoadProcess(Child process) {
    this.process = process;
  }

  /** Starts it; {@link #awaitReady} comes next. */
  static LoadProcess start(String name, Path directory, List<String> settings)
      throws UserException {
    return new LoadProcess(
        Child.start(name, directory, Child.NEW_NETWORK, LoadMain.class, settings));
  }

  void awaitReady() throws UserException {
    peer = read(PATIENCE).path("peer_pid").asLong();
  }

  /** Runs a load and waits for what it has measured. */
  JsonNode run(String load, double seconds) throws UserException {
    process.send("round " + load);
    return read(PATIENCE.plusMillis((long) (seconds * 1000)));
  }

  private JsonNode read(Duration patience) throws UserException {
    String line = process.line(patience);
    try {
      JsonNode answer = Json.api().readTree(line);
      if (answer.has("error")) {
        throw new UserException(process.name() + ": " + answer.path("error").asText());
      }
      return answer;
    } catch (JsonProcessingException e) {
      throw new UserException(process.name() + " said '" + line + "'", e);
    }
  }

  /** Its processes, each of which stands for a network namespace. */
  List<Long> pids() {
    return peer == 0 ? List.of(process.pid()) : List.of(process.pid(), peer);
  }

  @Override
  public void close() {
    process.close();
  }
}
