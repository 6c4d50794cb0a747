package dev.outboard.integration.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.outboard.integration.UserException;
import dev.outboard.integration.config.PlanView;
import dev.outboard.integration.daemon.Composition;
import dev.outboard.integration.wire.Json;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code outboard check-config}: what the daemon would say of a file, and what it would run. */
@Command(
    name = "check-config",
    description = "Read and check a configuration as the daemon does, and start nothing.",
    mixinStandardHelpOptions = true)
final class CheckConfigCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ApiOption api;

  @Option(names = "--json", description = "Print JSON; docs/doctor.md says what is in it.")
  private boolean json;

  @Parameters(paramLabel = "FILE", description = "The configuration, YAML.")
  private Path config;

  @Override
  public Integer call() throws UserException, JsonProcessingException {
    PrintWriter out = spec.commandLine().getOut();
    PlanView plan;
    try {
      plan = PlanView.of(Composition.of(api.settings(config)).plan());
    } catch (UserException e) {
      if (json) {
        print(out, Json.api().createObjectNode().put("ok", false).put("problem", e.getMessage()));
      }
      throw e;
    }
    if (json) {
      ObjectNode answer = Json.api().createObjectNode().put("ok", true);
      print(out, answer.set("plan", Json.api().valueToTree(plan)));
    } else {
      out.println(config + ": ok");
      plan.lines().forEach(line -> out.println("  " + line));
      out.flush();
    }
    return 0;
  }

  private static void print(PrintWriter out, ObjectNode answer) throws JsonProcessingException {
    out.println(Json.api().writeValueAsString(answer));
    out.flush();
  }
}
