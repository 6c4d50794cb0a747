package dev.outboard.integration.figures;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.outboard.integration.UserException;
import dev.outboard.integration.compare.CpuTime;
import java.util.ArrayList;
import java.util.List;

/**
 * Two machines that are reached by ssh and have wires between them, one for each arm, which is in a
 * network namespace of its own on each machine.
 */
final class RemoteHosts implements Hosts {
  private final RemoteSettings settings;
  private int opened;
  private final List<Agent> agents = new ArrayList<>();

  RemoteHosts(RemoteSettings settings) throws UserException {
    this.settings = settings;
    try {
      for (String host : settings.hosts()) {
        agents.add(Agent.start(host, settings));
      }
    } catch (UserException e) {
      close();
      throw e;
    }
  }

  @Override
  public Reach reach(FiguresSettings wanted) throws UserException {
    Reach least = new Reach(wanted.most(), "");
    for (Agent agent : agents) {
      ObjectNode question = agent.call("reach").put("arms", wanted.arms().size());
      wanted.counts().forEach(question.putArray("counts")::add);
      JsonNode answer = agent.ask(question);
      if (answer.path("most").asInt() < least.most()) {
        least =
            new Reach(
                answer.path("most").asInt(), agent.host() + ": " + answer.path("why").asText());
      }
    }
    return least;
  }

  @Override
  public List<Side> open(FigureArm arm) throws UserException {
    List<Side> sides = new ArrayList<>();
    String device = settings.links().get(opened++);
    try {
      for (Agent agent : agents) {
        Side side = RemoteSide.open(agent, arm);
        sides.add(side);
        side.take(device);
      }
      return sides;
    } catch (UserException e) {
      sides.forEach(Side::close);
      throw e;
    }
  }

  @Override
  public List<CpuTime> work() throws UserException {
    List<CpuTime> times = new ArrayList<>();
    for (Agent agent : agents) {
      JsonNode time = agent.ask(agent.call("work"));
      times.add(
          new CpuTime(
              time.path("nanos").asLong(),
              time.path("rest_ticks").asLong(),
              time.path("cpus").asInt()));
    }
    return times;
  }

  @Override
  public double coreNanos() throws UserException {
    double slowest = 0;
    for (Agent agent : agents) {
      slowest = Math.max(slowest, agent.ask(agent.call("cores")).path("nanos").asDouble());
    }
    return slowest;
  }

  @Override
  public String words() {
    List<String> machines = agents.stream().map(Agent::words).toList();
    return "two machines, joined by %s: %s"
        .formatted(String.join(", ", settings.links()), String.join("; ", machines));
  }

  @Override
  public String processors() {
    return "nothing is pinned; a sidecar has a quarter of its machine's processors at most";
  }

  @Override
  public void close() {
    agents.forEach(Agent::close);
    agents.clear();
  }

  static List<String> texts(JsonNode list) {
    return list.valueStream().map(JsonNode::asText).toList();
  }
}
