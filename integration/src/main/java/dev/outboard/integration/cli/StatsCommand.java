package dev.outboard.integration.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.outboard.integration.UserException;
import dev.outboard.integration.rest.ApiClient;
import dev.outboard.integration.wire.Json;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code outboard stats}: everything that is counted. */
@Command(
    name = "stats",
    description = "Show what guests, workers and uplinks have done.",
    mixinStandardHelpOptions = true)
final class StatsCommand implements Callable<Integer> {
  private static final long PERIOD_MILLIS = 1_000;

  @Spec private CommandSpec spec;
  @Mixin private ApiOption api;
  @Mixin private JsonOption json;

  @Option(names = "--watch", description = "Again every second, with rates, until interrupted.")
  private boolean watch;

  @Override
  public Integer call() throws UserException, JsonProcessingException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    try (ApiClient client = api.connect()) {
      StatsText text = new StatsText();
      do {
        String answer = client.call("GET", "/stats", "");
        out.print(json.isSet() ? answer : text.next(Json.api().readTree(answer)));
        out.flush();
        if (watch) {
          Thread.sleep(PERIOD_MILLIS);
        }
      } while (watch);
    }
    return 0;
  }
}
