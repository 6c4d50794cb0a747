package dev.outboard.integration.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.outboard.integration.UserException;
import dev.outboard.integration.wire.Json;
import java.nio.file.Path;
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
      "commits, then all finish. If anything fails before that, everything is put back.",
      "With --canary a share of the guests goes ahead, and the others follow if that does well."
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
      paramLabel = "WHERE",
      description = {
        "Another daemon, where the same is done; can be repeated: the path of its API socket, or",
        "ssh://[user@]host[:port][/path/of/api.sock] on another machine."
      })
  private List<String> peers = List.of();

  @Option(
      names = "--ssh-config",
      paramLabel = "FILE",
      description = "A configuration for ssh, in place of your own.")
  private Path sshConfig;

  @Option(
      names = "--canary",
      paramLabel = "N%%",
      description =
          "Let so many of the guests go ahead, and watch their TCP before and after; if it fares"
              + " worse all is put back, else the others follow.")
  private String canary;

  @Option(
      names = "--canary-seconds",
      paramLabel = "S",
      defaultValue = "10",
      description = "How long they are watched, before and after (${DEFAULT-VALUE}).")
  private int canarySeconds;

  @Option(
      names = "--canary-limit",
      paramLabel = "TIMES",
      defaultValue = "1.5",
      description = "How many times longer the 99th percentile may be (${DEFAULT-VALUE}).")
  private double canaryLimit;

  @Override
  public Integer call() throws UserException, JsonProcessingException, InterruptedException {
    Double share = canary == null ? null : share();
    String path = "/swaps/swap-" + ProcessHandle.current().pid() + "-" + System.nanoTime();
    SwapHosts hosts = new SwapHosts(path);
    Thread restore = new Thread(hosts::close, "outboard-swap-restore");
    Runtime.getRuntime().addShutdownHook(restore);
    long start = System.nanoTime();
    try {
      hosts.add(api.path());
      for (String peer : peers) {
        hosts.add(peer, sshConfig);
      }
      hosts.prepare(request().toString());
      if (share != null && !goAhead(hosts, share)) {
        return 1;
      }
      hosts.commit();
      List<JsonNode> answers = hosts.finish();
      print(answers, (System.nanoTime() - start) / 1_000_000);
      return 0;
    } finally {
      hosts.close();
      Runtime.getRuntime().removeShutdownHook(restore);
    }
  }

  private double share() throws UserException {
    try {
      double percent = Double.parseDouble(canary.replaceFirst("%$", ""));
      if (canary.endsWith("%") && percent > 0 && percent < 100) {
        if (canarySeconds < 1 || !(canaryLimit > 0)) {
          throw UserException.input(
              "--canary-seconds must be 1 at least, and --canary-limit above 0", null);
        }
        return percent / 100;
      }
    } catch (NumberFormatException e) {
      throw UserException.input("--canary must be a share such as 5%, not '" + canary + "'", e);
    }
    throw UserException.input("--canary must be a share such as 5%, not '" + canary + "'", null);
  }

  private boolean goAhead(SwapHosts hosts, double share)
      throws UserException, InterruptedException {
    CanaryVerdict verdict;
    try (Canary ahead = new Canary(hosts, share, canarySeconds, canaryLimit)) {
      verdict = ahead.run();
    }
    if (!verdict.good()) {
      hosts.close();
      spec.commandLine()
          .getErr()
          .println("outboard: the canary failed, all is put back: " + verdict.reason());
    } else if (!json.isSet()) {
      spec.commandLine().getOut().println("canary: " + verdict.reason());
    }
    return verdict.good();
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
}
