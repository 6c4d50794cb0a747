package dev.outboard.integration.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.outboard.integration.UserException;
import dev.outboard.integration.wire.Json;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code outboard uplinks}: the ways off the host, while the daemon runs. */
@Command(
    name = "uplinks",
    description = "List the uplinks, or open or close one while the daemon runs.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      UplinksCommand.ListAll.class,
      UplinksCommand.Open.class,
      UplinksCommand.Close.class
    },
    mixinStandardHelpOptions = true)
final class UplinksCommand {
  private UplinksCommand() {}

  @Command(name = "list", description = "List the uplinks.", mixinStandardHelpOptions = true)
  static final class ListAll extends Caller implements Callable<Integer> {
    @Override
    public Integer call() throws UserException, JsonProcessingException {
      return call("GET", "/uplinks", "", StatsText::uplinks);
    }
  }

  @Command(
      name = "open",
      description = {
        "Open an uplink. A daemon that is started again opens it again.",
        "'outboard transports' shows the transports and their settings."
      },
      mixinStandardHelpOptions = true)
  static final class Open extends Caller implements Callable<Integer> {
    @Parameters(paramLabel = "NAME", description = "The uplink's name, unique on this host.")
    private String name;

    @Option(names = "--transport", required = true, description = "What carries its frames.")
    private String transport;

    @Option(
        names = "--set",
        paramLabel = "KEY=VALUE",
        description = "A setting of the transport; can be repeated.")
    private Map<String, String> settings;

    @Override
    public Integer call() throws UserException, JsonProcessingException {
      ObjectNode body = Json.api().createObjectNode().put("transport", transport);
      if (settings != null) {
        settings.forEach(body.putObject("settings")::put);
      }
      String path = Ids.path("/uplinks/", "uplink", name);
      return call("PUT", path, body.toString(), Open::line);
    }

    private static String line(JsonNode uplink) {
      return "uplink %s: open, by transport %s%n"
          .formatted(uplink.path("name").asText(), uplink.path("transport").asText());
    }
  }

  @Command(
      name = "close",
      description = "Close an uplink that no guest, remote, route or network uses.",
      mixinStandardHelpOptions = true)
  static final class Close extends Caller implements Callable<Integer> {
    @Parameters(paramLabel = "NAME", description = "The uplink.")
    private String name;

    @Override
    public Integer call() throws UserException {
      return delete(
          Ids.path("/uplinks/", "uplink", name),
          Json.api().createObjectNode().put("closed", name),
          "uplink " + name + ": closed");
    }
  }
}
