package dev.outboard.integration.figures;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.outboard.integration.UserException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A host on another machine: everything is asked of the {@link Agent} there. */
final class RemoteSide implements Side {
  private final Agent agent;
  private final FigureArm arm;
  private final String folder;
  private final String workers;
  private String link = "";

  private RemoteSide(Agent agent, FigureArm arm, JsonNode opened) {
    this.agent = agent;
    this.arm = arm;
    folder = opened.path("folder").asText();
    workers = opened.path("workers").asText();
  }

  static Side open(Agent agent, FigureArm arm) throws UserException {
    return new RemoteSide(agent, arm, agent.ask(agent.call("open").put("arm", arm.label())));
  }

  private ObjectNode call(String name) {
    return agent.call(name).put("arm", arm.label());
  }

  private void tell(String name, List<String> lines) throws UserException {
    ObjectNode question = call(name);
    lines.forEach(question.putArray("lines")::add);
    JsonNode _ = agent.ask(question);
  }

  @Override
  public void ip(List<String> lines) throws UserException {
    tell("ip", lines);
  }

  @Override
  public void withoutOffloads(String device) throws UserException {
    tell("without-offloads", List.of(device));
  }

  @Override
  public String bridge() throws UserException {
    return agent.ask(call("bridge")).path("name").asText();
  }

  @Override
  public void take(String device) throws UserException {
    tell("take", List.of(device));
    link = device;
  }

  @Override
  public String link() {
    return link;
  }

  @Override
  public void startSidecar(List<String> configuration) throws UserException {
    tell("sidecar", configuration);
  }

  @Override
  public void awaitSidecar() throws UserException {
    tell("await-sidecar", List.of());
  }

  @Override
  public void startCrowd(List<String> words) throws UserException {
    tell("crowd", words);
  }

  @Override
  public void send(String line) throws UserException {
    tell("send", List.of(line));
  }

  @Override
  public String line(Duration patience) throws UserException {
    return agent.ask(call("line").put("millis", patience.toMillis())).path("line").asText();
  }

  @Override
  public Map<String, Long> drops() throws UserException {
    Map<String, Long> drops = new TreeMap<>();
    agent
        .ask(call("drops"))
        .path("drops")
        .properties()
        .forEach(drop -> drops.put(drop.getKey(), drop.getValue().asLong()));
    return drops;
  }

  @Override
  public String folder() {
    return folder;
  }

  @Override
  public String workers() {
    return workers;
  }

  @Override
  public void close() {
    try {
      tell("close", List.of());
    } catch (UserException e) {
      System.getLogger("outboard").log(System.Logger.Level.DEBUG, "close", e);
    }
  }
}
