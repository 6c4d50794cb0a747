package dev.outboard.integration.cli;

import dev.outboard.integration.UserException;
import dev.outboard.integration.rest.ApiClient;
import dev.outboard.integration.wire.Json;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
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
      "No frame is lost or overtaken. 'outboard stats' shows the workers."
    },
    mixinStandardHelpOptions = true)
final class MoveCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ApiOption api;
  @Mixin private JsonOption json;

  @Parameters(paramLabel = "ID", description = "The guest.")
  private String id;

  @Option(names = "--worker", paramLabel = "N", required = true, description = "Its new worker.")
  private int worker;

  @Override
  public Integer call() throws UserException {
    String body = Json.api().createObjectNode().put("worker", worker).toString();
    String answer;
    try (ApiClient client = api.connect()) {
      answer = client.call("PATCH", Ids.path(id), body);
    }
    PrintWriter out = spec.commandLine().getOut();
    if (json.isSet()) {
      out.print(answer);
      out.flush();
    } else {
      out.println("guest " + id + ": on worker " + worker);
    }
    return 0;
  }
}
