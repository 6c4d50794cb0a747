package dev.outboard.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.integration.DaemonJvm;
import dev.outboard.integration.RunningDaemon;
import dev.outboard.integration.UserException;
import dev.outboard.integration.cli.InProcess;
import dev.outboard.integration.rest.ApiClient;
import dev.outboard.integration.wire.Json;
import dev.outboard.integration.wire.ObservationView;
import dev.outboard.lab.Namespace;
import dev.outboard.lab.Processes;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/**
 * A daemon as users run it, but in a private network: so its TAPs and bridges are not the host's,
 * and what it leaves behind can be seen. Guests are attached by the command; counters are read over
 * the API, as the commands do it, without the start of a process.
 */
final class Sidecar implements AutoCloseable {
  private static final int SIGTERM_SECONDS = 20;

  private final Path folder;
  private final Namespace network;
  private final Process process;
  private final ApiClient api;
  private final Queue<String> said = new ConcurrentLinkedQueue<>();

  /** Starts one with this configuration; returns when it is ready. */
  Sidecar(Path folder, Namespace network, String configuration) throws IOException {
    this.folder = folder;
    this.network = network;
    Path config = Files.writeString(folder.resolve("outboard.yaml"), configuration);
    process = Processes.start(network.enter(command(config)), Map.of());
    api = new ApiClient(socket());
    BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
    for (String line = output.readLine(); ; line = output.readLine()) {
      if (line == null) {
        throw new IOException("the daemon did not start: " + said());
      }
      said.add(line);
      if (line.startsWith("ready")) {
        break;
      }
    }
    Thread.ofPlatform().daemon().name("daemon-output").start(() -> read(output));
  }

  private List<String> command(Path config) {
    List<String> command = DaemonJvm.command();
    command.addAll(List.of("run", "--api", socket() + "", "--config", config.toString()));
    return command;
  }

  private void read(BufferedReader output) {
    try {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        said.add(line);
      }
    } catch (IOException e) {
      said.add(e.getMessage());
    }
  }

  private Path socket() {
    return folder.resolve("api.sock");
  }

  /** Everything it has said. */
  String said() {
    return String.join("\n", said);
  }

  /** Its process. */
  ProcessHandle process() {
    return process.toHandle();
  }

  /** Runs a command against it that must succeed; gives what it printed. */
  String outboard(String... words) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(Arrays.asList(words));
    all.addAll(List.of("--api", socket().toString()));
    RunningDaemon.Outcome outcome = InProcess.command(all.toArray(String[]::new));
    if (outcome.code() != 0) {
      throw new IOException(String.join(" ", words) + ": " + outcome.err());
    }
    return outcome.out();
  }

  /** Attaches a guest; gives its socket. */
  Path attach(String id, String... options) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of("attach", "--json", "--id", id));
    words.addAll(Arrays.asList(options));
    JsonNode guest = Json.api().readTree(outboard(words.toArray(String[]::new)));
    return Path.of(guest.path("socket").asText());
  }

  /** Everything that is counted. */
  JsonNode stats() {
    try {
      return Json.api().readTree(api.call("GET", "/stats", ""));
    } catch (UserException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A guest as the API shows it. */
  JsonNode guest(String id) {
    for (JsonNode guest : stats().path("guests")) {
      if (guest.path("id").asText().equals(id)) {
        return guest;
      }
    }
    throw new IllegalArgumentException("no guest " + id);
  }

  /** What is seen of a guest's TCP from now on. */
  void observe(String id) throws UserException {
    String _ = api.call("PUT", "/observations/" + id, "");
  }

  /** What was seen of it. */
  ObservationView observed(String id) throws UserException, IOException {
    String answer = api.call("DELETE", "/observations/" + id, "");
    return Json.api().readValue(answer, ObservationView.class);
  }

  /** Waits until a guest's driver runs, or, with another word, for that state. */
  void await(String id, String state) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!guest(id).path("state").asText().equals(state)) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("not " + state + ": " + guest(id).toPrettyString());
      }
      Thread.sleep(20);
    }
  }

  /** Frames that the network's TAPs have got from the sidecar, and given to it, by TAP. */
  Map<String, Tap> taps() {
    Map<String, Tap> taps = new LinkedHashMap<>();
    try {
      for (JsonNode link : Json.api().readTree(network.ip("-j", "-s", "link", "show"))) {
        JsonNode stats = link.path("stats64");
        taps.put(
            link.path("ifname").asText(),
            new Tap(
                link.path("master").asText(),
                stats.at("/rx/packets").asLong(),
                stats.at("/rx/bytes").asLong(),
                stats.at("/tx/packets").asLong(),
                stats.at("/tx/dropped").asLong()));
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return taps;
  }

  /** What the kernel has counted on a device; received is what was written into it. */
  record Tap(String bridge, long received, long receivedBytes, long sent, long dropped) {}

  /** SIGTERM; gives the exit code. */
  int terminate() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(SIGTERM_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException("did not end on SIGTERM");
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    api.close();
    Processes.kill(process);
  }
}
