package dev.outboard.integration.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.integration.UserException;
import dev.outboard.integration.rest.ApiClient;
import dev.outboard.integration.wire.Json;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code outboard list}: the guests, one line each. */
@Command(name = "list", description = "List the guests.", mixinStandardHelpOptions = true)
final class ListCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ApiOption api;
  @Mixin private JsonOption json;

  @Override
  public Integer call() throws UserException, JsonProcessingException {
    String answer;
    try (ApiClient client = api.connect()) {
      answer = client.call("GET", "/guests", "");
    }
    PrintWriter out = spec.commandLine().getOut();
    out.print(json.isSet() ? answer : table(Json.api().readTree(answer)));
    out.flush();
    return 0;
  }

  private static String table(JsonNode guests) {
    Table table =
        new Table(
            "ID",
            "STATE",
            "NETWORK",
            "TENANT",
            "MAC",
            "ADDRESSES",
            "UPLINK",
            "LOCAL",
            "WORKERS",
            "SOCKET");
    StringBuilder notes = new StringBuilder();
    for (JsonNode guest : guests) {
      table.row(
          guest.path("id").asText(),
          guest.path("state").asText(),
          guest.path("network").asText(),
          guest.path("tenant").asText(),
          guest.path("mac").asText(),
          texts(guest.path("addresses")),
          guest.path("uplink").asText(""),
          guest.path("local_forwarding").asBoolean() ? "on" : "off",
          texts(guest.path("workers")),
          guest.path("socket").asText());
      String note = guest.path("note").asText();
      if (!note.isEmpty()) {
        notes.append(guest.path("id").asText()).append(": ").append(note).append('\n');
      }
    }
    return table + (notes.isEmpty() ? "" : "\n" + notes);
  }

  private static String texts(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false)
        .map(JsonNode::asText)
        .collect(Collectors.joining(","));
  }
}
