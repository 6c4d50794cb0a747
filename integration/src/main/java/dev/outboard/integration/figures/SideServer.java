package dev.outboard.integration.figures;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.outboard.integration.UserException;
import dev.outboard.integration.compare.CoreState;
import dev.outboard.integration.compare.CpuTime;
import dev.outboard.integration.compare.Cpus;
import dev.outboard.integration.compare.Host;
import dev.outboard.integration.compare.RunDirectory;
import dev.outboard.integration.wire.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One machine's part of figures between two: does what each line of JSON says, in a network
 * namespace for each arm, and answers with a line. Ends with its input, and leaves nothing. The
 * lines come from an {@link Agent} over ssh, so from somebody who may run anything here anyway.
 */
public final class SideServer implements AutoCloseable {
  private final Class<?> daemon;
  private final RunDirectory directory;
  private final Map<String, LocalSide> sides = new TreeMap<>();

  /**
   * Has nothing yet.
   *
   * @param daemon the main class that understands {@code run}
   */
  public SideServer(Class<?> daemon) throws UserException {
    this.daemon = daemon;
    directory = RunDirectory.create();
  }

  /** Answers until there are no more questions. */
  public void serve(BufferedReader in, PrintStream out) throws IOException, InterruptedException {
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      ObjectNode answer = Json.api().createObjectNode();
      try {
        answer(Json.api().readTree(line), answer);
      } catch (UserException e) {
        answer.removeAll().put("error", e.getMessage());
      }
      out.println(answer);
    }
  }

  private void answer(JsonNode question, ObjectNode answer)
      throws UserException, InterruptedException {
    String call = question.path("call").asText();
    switch (call) {
      case "hello" -> answer.put("words", machine());
      case "reach" -> reach(question, answer);
      case "work" -> {
        CpuTime now = CpuTime.now();
        answer.put("nanos", now.nanos()).put("rest_ticks", now.restTicks()).put("cpus", now.cpus());
      }
      case "cores" -> answer.put("nanos", CoreState.measure(Cpus.choose()));
      case "open" -> open(question.path("arm").asText(), answer);
      default -> side(question, call, answer);
    }
  }

  private static String machine() {
    return "%s, %d processors, Linux %s"
        .formatted(
            Host.cpuModel(),
            Runtime.getRuntime().availableProcessors(),
            System.getProperty("os.version"));
  }

  private static void reach(JsonNode question, ObjectNode answer) throws UserException {
    List<Integer> counts = question.path("counts").valueStream().map(JsonNode::asInt).toList();
    Reach reach = Reach.of(counts, question.path("arms").asInt());
    answer.put("most", reach.most()).put("why", reach.why());
  }

  private void open(String arm, ObjectNode answer) throws UserException {
    FigureArm which = FigureArm.parse(arm);
    LocalSide side = new LocalSide(arm, -1, which, directory.path(), daemon);
    sides.put(arm, side);
    answer.put("folder", side.folder()).put("workers", side.workers());
  }

  private void side(JsonNode question, String call, ObjectNode answer) throws UserException {
    String arm = question.path("arm").asText();
    LocalSide side = sides.get(arm);
    if (side == null) {
      throw new UserException("arm '" + arm + "' is not open");
    }
    List<String> lines = RemoteHosts.texts(question.path("lines"));
    switch (call) {
      case "ip" -> side.ip(lines);
      case "without-offloads" -> side.withoutOffloads(lines.getFirst());
      case "bridge" -> answer.put("name", side.bridge());
      case "take" -> side.take(lines.getFirst());
      case "sidecar" -> side.startSidecar(lines);
      case "await-sidecar" -> side.awaitSidecar();
      case "crowd" -> side.startCrowd(lines);
      case "send" -> side.send(lines.getFirst());
      case "line" ->
          answer.put("line", side.line(Duration.ofMillis(question.path("millis").asLong())));
      case "drops" -> answer.set("drops", Json.api().valueToTree(side.drops()));
      case "close" -> {
        sides.remove(arm);
        side.close();
      }
      default -> throw new UserException("unknown call '" + call + "'");
    }
  }

  @Override
  public void close() {
    sides.values().forEach(LocalSide::close);
    sides.clear();
    directory.close();
  }
}
