package dev.outboard.integration.cli;

import dev.outboard.integration.UserException;
import dev.outboard.integration.rest.ApiClient;
import dev.outboard.integration.wire.Json;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code outboard detach}: ends a guest's session and forgets the guest. */
@Command(
    name = "detach",
    description = "End a guest's session, remove its socket and forget it.",
    mixinStandardHelpOptions = true)
final class DetachCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ApiOption api;
  @Mixin private JsonOption json;

  @Parameters(paramLabel = "ID", description = "The guest.")
  private String id;

  @Override
  public Integer call() throws UserException {
    try (ApiClient client = api.connect()) {
      client.call("DELETE", Ids.path(id), "");
    }
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        json.isSet()
            ? Json.api().createObjectNode().put("detached", id).toString()
            : "guest " + id + ": detached");
    return 0;
  }
}
