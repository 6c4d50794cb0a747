package dev.outboard.integration.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.outboard.integration.UserException;
import dev.outboard.integration.rest.ApiClient;
import dev.outboard.integration.wire.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code outboard swap}: has frames take another way while they flow, on one host or several. */
@Command(
    name = "swap",
    description = {
      "Have guests' frames take another way, while they run. They notice nothing.",
      "With --peer the same is done on other hosts, step by step: all prepare, then each",
      "commits, then all finish. If anything fails before that, everything is put back."
    },
    mixinStandardHelpOptions = true)
final class SwapCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ApiOption api;
  @Mixin private JsonOption json;

  @ArgGroup(multiplicity = "1")
  private Scope scope;

  /** Whose frames; one of them. */
  static final class Scope {
    @Parameters(paramLabel = "GUEST", arity = "1..*", description = "These guests.")
    private List<String> guests;

    @Option(names = "--rule", paramLabel = "ID", description = "The guests of this route.")
    private String rule;

    @Option(names = "--uplink", paramLabel = "NAME", description = "All that leads there now.")
    private String uplink;

    @Option(names = "--all", description = "All guests.")
    private boolean all;
  }

  @Option(names = "--to", paramLabel = "UPLINK", description = "The new way, or 'local'.")
  private String to;

  @Option(
      names = "--local-forwarding",
      paramLabel = "on|off",
      description = "Whether frames to guests of the same host take shared memory.")
  private String localForwarding;

  @Option(
      names = "--endpoint",
      paramLabel = "WHERE",
      description = "Where a route or a network's default leads to on the new uplink.")
  private String endpoint;

  @Option(
      names = "--peer",
      paramLabel = "PATH",
      description = "Another daemon's API socket, where the same is done; can be repeated.")
  private List<Path> peers = List.of();

  @Override
  public Integer call() throws UserException, JsonProcessingException {
    List<Path> sockets = new ArrayList<>(List.of(api.path()));
    peers.forEach(peer -> sockets.add(peer.toAbsolutePath().normalize()));
    String path = "/swaps/swap-" + ProcessHandle.current().pid() + "-" + System.nanoTime();
    Hosts hosts = new Hosts(path);
    Thread restore = new Thread(hosts::abort, "outboard-swap-restore");
    Runtime.getRuntime().addShutdownHook(restore);
    long start = System.nanoTime();
    List<JsonNode> answers = new ArrayList<>();
    try {
      for (Path socket : sockets) {
        hosts.prepare(socket, request().toString());
      }
      hosts.patch("committed");
      answers.addAll(hosts.patch("finished"));
      hosts.finished();
    } finally {
      hosts.abort();
      Runtime.getRuntime().removeShutdownHook(restore);
    }
    print(answers, (System.nanoTime() - start) / 1_000_000);
    return 0;
  }

  private ObjectNode request() {
    ObjectNode body = Json.api().createObjectNode();
    if (scope.guests != null) {
      scope.guests.forEach(body.putArray("guests")::add);
    }
    Caller.putIfGiven(body, "rule", scope.rule);
    Caller.putIfGiven(body, "uplink", scope.uplink);
    if (scope.all) {
      body.put("all", true);
    }
    Caller.putIfGiven(body, "to", to);
    Caller.putIfGiven(body, "local_forwarding", localForwarding);
    Caller.putIfGiven(body, "endpoint", endpoint);
    return body;
  }

  private void print(List<JsonNode> answers, long millis) {
    var out = spec.commandLine().getOut();
    if (json.isSet()) {
      out.println(Json.api().createArrayNode().addAll(answers).toPrettyString());
    } else {
      int guests = answers.stream().mapToInt(answer -> answer.path("moved").size()).sum();
      out.printf(
          "swapped: %d guest%s on %d host%s, in %d ms%n",
          guests, guests == 1 ? "" : "s", answers.size(), answers.size() == 1 ? "" : "s", millis);
    }
    out.flush();
  }

  /** The hosts on which a swap is under way; whoever ends before it is finished puts it back. */
  private static final class Hosts {
    private final String path;
    private final List<Path> prepared = new ArrayList<>();

    Hosts(String path) {
      this.path = path;
    }

    synchronized void prepare(Path socket, String body) throws UserException {
      ask(socket, "PUT", body);
      prepared.add(socket);
    }

    synchronized List<JsonNode> patch(String state) throws UserException, JsonProcessingException {
      String body = Json.api().createObjectNode().put("state", state).toString();
      List<JsonNode> answers = new ArrayList<>();
      for (Path socket : prepared) {
        answers.add(Json.api().readTree(ask(socket, "PATCH", body)));
      }
      return answers;
    }

    synchronized void finished() {
      prepared.clear();
    }

    /** Puts back what is not finished; on as many hosts as can be reached. */
    synchronized void abort() {
      for (Path socket : prepared) {
        try {
          ask(socket, "DELETE", "");
        } catch (UserException e) {
          System.err.println("outboard: not put back: " + e.getMessage());
        }
      }
      prepared.clear();
    }

    private String ask(Path socket, String method, String body) throws UserException {
      try (ApiClient client = new ApiClient(socket)) {
        return client.call(method, path, body);
      } catch (UserException e) {
        throw new UserException(socket + ": " + e.getMessage(), e);
      }
    }
  }
}
