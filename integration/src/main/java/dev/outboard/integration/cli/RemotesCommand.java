package dev.outboard.integration.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.outboard.integration.UserException;
import dev.outboard.integration.wire.Json;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code outboard remotes}: the stations on other hosts that guests can reach. */
@Command(
    name = "remotes",
    description = "List the stations on other hosts, or add or remove one.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      RemotesCommand.ListAll.class,
      RemotesCommand.Put.class,
      RemotesCommand.Delete.class
    },
    mixinStandardHelpOptions = true)
final class RemotesCommand {
  private RemotesCommand() {}

  @Command(name = "list", description = "List the remotes.", mixinStandardHelpOptions = true)
  static final class ListAll extends Caller implements Callable<Integer> {
    @Override
    public Integer call() throws UserException, JsonProcessingException {
      return call("GET", "/remotes", "", ListAll::table);
    }

    private static String table(JsonNode remotes) {
      Table table = new Table("ID", "NETWORK", "TENANT", "MAC", "ADDRESSES", "UPLINK", "ENDPOINT");
      for (JsonNode remote : remotes) {
        table.row(
            remote.path("id").asText(),
            remote.path("network").asText(),
            remote.path("tenant").asText(),
            remote.path("mac").asText(),
            texts(remote.path("addresses")),
            remote.path("uplink").asText(),
            remote.path("endpoint").asText());
      }
      return table.toString();
    }
  }

  @Command(
      name = "put",
      description = "Make a station on another host reachable.",
      mixinStandardHelpOptions = true)
  static final class Put extends Caller implements Callable<Integer> {
    @Parameters(paramLabel = "ID", description = "The station's name, unique on this host.")
    private String id;

    @Option(names = "--uplink", required = true, description = "The uplink that leads to it.")
    private String uplink;

    @Option(
        names = "--endpoint",
        required = true,
        description = "Where it is, as that uplink's transport writes it.")
    private String endpoint;

    @Option(names = "--tenant", description = "Who owns it (default: 'default').")
    private String tenant;

    @Option(names = "--network", paramLabel = "N", description = "Its network (default: 1).")
    private Integer network;

    @Option(names = "--mac", description = "Its MAC address (default: made from the id).")
    private String mac;

    @Option(
        names = "--ip",
        paramLabel = "ADDRESS",
        description = "An IP address it may use; can be repeated (default: any).")
    private List<String> addresses;

    @Option(
        names = "--alternative",
        paramLabel = "UPLINK=ENDPOINT",
        description = "Where it is on another uplink, for routes that choose it; can be repeated.")
    private Map<String, String> alternatives;

    @Override
    public Integer call() throws UserException, JsonProcessingException {
      String path = Ids.path("/remotes/", "id", id);
      return call("PUT", path, request().toString(), Put::line);
    }

    private ObjectNode request() {
      ObjectNode body =
          Json.api().createObjectNode().put("uplink", uplink).put("endpoint", endpoint);
      putIfGiven(body, "tenant", tenant);
      if (network != null) {
        body.put("network", network);
      }
      putIfGiven(body, "mac", mac);
      if (addresses != null) {
        addresses.forEach(body.putArray("addresses")::add);
      }
      if (alternatives != null) {
        ArrayNode others = body.putArray("alternatives");
        alternatives.forEach(
            (other, place) -> others.addObject().put("uplink", other).put("endpoint", place));
      }
      return body;
    }

    private static String line(JsonNode remote) {
      return "remote %s: network %s, tenant %s, MAC %s, at %s by uplink %s%n"
          .formatted(
              remote.path("id").asText(),
              remote.path("network").asText(),
              remote.path("tenant").asText(),
              remote.path("mac").asText(),
              remote.path("endpoint").asText(),
              remote.path("uplink").asText());
    }
  }

  @Command(name = "delete", description = "Forget a remote.", mixinStandardHelpOptions = true)
  static final class Delete extends Caller implements Callable<Integer> {
    @Parameters(paramLabel = "ID", description = "The remote.")
    private String id;

    @Override
    public Integer call() throws UserException {
      return delete(
          Ids.path("/remotes/", "id", id),
          Json.api().createObjectNode().put("deleted", id),
          "remote " + id + ": deleted");
    }
  }
}
