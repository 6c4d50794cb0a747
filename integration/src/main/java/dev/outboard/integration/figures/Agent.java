package dev.outboard.integration.figures;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.outboard.integration.UserException;
import dev.outboard.integration.ssh.SshCommand;
import dev.outboard.integration.wire.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * {@code outboard figures-side} on another machine, started by ssh: a line of JSON is asked, a line
 * is answered; see {@link SideServer}. It ends, with all that it started, when we do. One thread.
 */
final class Agent implements AutoCloseable {
  private static final int END_SECONDS = 30;

  private final String host;
  private final Process process;
  private final Path errors;
  private final PrintWriter out;
  private final BufferedReader in;
  private String words = "";

  private Agent(String host, Process process, Path errors) {
    this.host = host;
    this.process = process;
    this.errors = errors;
    out = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
    in = process.inputReader(StandardCharsets.UTF_8);
  }

  static Agent start(String host, RemoteSettings settings) throws UserException {
    String command =
        "cd " + SshCommand.quoted(settings.root()) + " && exec ./outboard figures-side";
    List<String> ssh = SshCommand.of(host, settings.sshConfig(), command);
    Agent agent;
    try {
      Path errors = Files.createTempFile("outboard-figures", ".err");
      Process process = new ProcessBuilder(ssh).redirectError(errors.toFile()).start();
      agent = new Agent(host, process, errors);
    } catch (IOException e) {
      throw new UserException(host + ": can't run ssh: " + e.getMessage(), e);
    }
    try {
      agent.words = agent.ask(agent.call("hello")).path("words").asText();
      return agent;
    } catch (UserException e) {
      agent.close();
      throw e;
    }
  }

  String host() {
    return host;
  }

  /** What the machine is. */
  String words() {
    return host + " (" + words + ")";
  }

  /** A question; its figures come behind. */
  ObjectNode call(String name) {
    return Json.api().createObjectNode().put("call", name);
  }

  JsonNode ask(ObjectNode question) throws UserException {
    out.println(question);
    try {
      String line = in.readLine();
      if (line == null) {
        throw new UserException(host + ": " + lastError());
      }
      JsonNode answer = Json.api().readTree(line);
      if (answer.has("error")) {
        throw new UserException(host + ": " + answer.path("error").asText());
      }
      return answer;
    } catch (JsonProcessingException e) {
      throw new UserException(host + ": answered what is no JSON: is this checkout there?", e);
    } catch (IOException e) {
      throw new UserException(host + ": " + e.getMessage(), e);
    }
  }

  private String lastError() throws IOException {
    List<String> lines =
        Files.readAllLines(errors).stream().filter(line -> !line.isBlank()).toList();
    return lines.isEmpty() ? "the connection ended" : lines.getLast();
  }

  @Override
  public void close() {
    out.close();
    try {
      if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      Files.deleteIfExists(errors);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      System.getLogger("outboard").log(System.Logger.Level.DEBUG, "ssh", e);
    }
  }
}
