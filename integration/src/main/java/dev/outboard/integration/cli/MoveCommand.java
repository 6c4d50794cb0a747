package dev.outboard.integration.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.outboard.integration.UserException;
import dev.outboard.integration.rest.ApiClient;
import dev.outboard.integration.wire.Json;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code outboard move}: has another worker serve a guest. */
@Command(
    name = "move",
    description = {
      "Have another worker serve a guest, while it runs.",
      "A guest with several queue pairs may be served by several: --worker 0,1.",
      "No frame is lost or overtaken. 'outboard stats' shows the workers."
    },
    mixinStandardHelpOptions = true)
final class MoveCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ApiOption api;
  @Mixin private JsonOption json;

  @Parameters(paramLabel = "ID", description = "The guest.")
  private String id;

  @Option(
      names = "--worker",
      paramLabel = "N",
      required = true,
      split = ",",
      description = "Its new worker, or several: its queue pairs are dealt out to them in turn.")
  private List<Integer> workers;

  @Override
  public Integer call() throws UserException {
    ObjectNode patch = Json.api().createObjectNode();
    ArrayNode numbers = patch.putArray("workers");
    workers.forEach(numbers::add);
    String body = patch.toString();
    String answer;
    try (ApiClient client = api.connect()) {
      answer = client.call("PATCH", Ids.path(id), body);
    }
    PrintWriter out = spec.commandLine().getOut();
    if (json.isSet()) {
      out.print(answer);
      out.flush();
    } else {
      String where = workers.stream().map(String::valueOf).collect(Collectors.joining(", "));
      out.println("guest " + id + ": on worker" + (workers.size() > 1 ? "s " : " ") + where);
    }
    return 0;
  }
}
