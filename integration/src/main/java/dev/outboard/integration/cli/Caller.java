package dev.outboard.integration.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.outboard.integration.UserException;
import dev.outboard.integration.rest.ApiClient;
import dev.outboard.integration.wire.Json;
import java.io.PrintWriter;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What commands share that send one request and print the answer. */
abstract class Caller {
  @Spec private CommandSpec spec;
  @Mixin private ApiOption api;
  @Mixin private JsonOption json;

  /** Sends the request; prints the answer as it is for {@code --json}, else what is made of it. */
  int call(String method, String path, String body, Function<JsonNode, String> text)
      throws UserException, JsonProcessingException {
    String answer;
    try (ApiClient client = api.connect()) {
      answer = client.call(method, path, body);
    }
    PrintWriter out = spec.commandLine().getOut();
    out.print(json.isSet() ? answer : text.apply(Json.api().readTree(answer)));
    out.flush();
    return 0;
  }

  /** Sends a request whose answer is empty. */
  int delete(String path, ObjectNode done, String text) throws UserException {
    try (ApiClient client = api.connect()) {
      client.call("DELETE", path, "");
    }
    PrintWriter out = spec.commandLine().getOut();
    out.println(json.isSet() ? done.toString() : text);
    out.flush();
    return 0;
  }

  static String texts(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false)
        .map(JsonNode::asText)
        .collect(Collectors.joining(","));
  }

  static void putIfGiven(ObjectNode body, String key, String value) {
    if (value != null) {
      body.put(key, value);
    }
  }
}
