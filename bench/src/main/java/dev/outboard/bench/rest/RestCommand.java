package dev.outboard.bench.rest;

import dev.outboard.bench.LaunchedSidecar;
import dev.outboard.bench.Scratch;
import dev.outboard.bench.rest.RestReport.Turn;
import dev.outboard.integration.UserException;
import dev.outboard.integration.cli.Outputs;
import dev.outboard.integration.compare.CoreState;
import dev.outboard.integration.compare.Cpus;
import dev.outboard.linux.Threads;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./outboard bench rest}: frames while the API is called. */
@Command(
    name = "rest",
    description = {
      "How long frames between two guests take while calls arrive at the API, beside turns without",
      "any, in pairs: GET /stats, GET /guests, and a guest that comes and goes."
    },
    mixinStandardHelpOptions = true)
public final class RestCommand implements Callable<Integer> {
  private static final double WARM_UP_SECONDS = 4;
  private static final int MOST_CALLS = 1000;

  @Spec private CommandSpec spec;

  @Option(
      names = "--calls",
      paramLabel = "N",
      description = "Calls per second; default: ${DEFAULT-VALUE}.",
      defaultValue = "100")
  private int calls;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "Pairs of turns; default: ${DEFAULT-VALUE}.",
      defaultValue = "15")
  private int rounds;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "How long a turn is; default: ${DEFAULT-VALUE}.",
      defaultValue = "1")
  private double seconds;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the results there, too.")
  private Path json;

  @Override
  public Integer call() throws Exception {
    check();
    RestReport report;
    try (Scratch scratch = new Scratch()) {
      Cpus cpus = Cpus.choose();
      String settings = "cpus: [" + cpus.second() + "]\n";
      try (LaunchedSidecar sidecar = new LaunchedSidecar(scratch.directory(), settings, "");
          RestClient client = new RestClient(sidecar.api())) {
        report = new RestReport(run(new RestLoad(sidecar, client), cpus), calls, seconds, cpus);
      }
    } catch (UserException e) {
      spec.commandLine().getErr().println("outboard: " + e.getMessage());
      return 1;
    }
    PrintWriter out = spec.commandLine().getOut();
    out.print(report.text());
    out.flush();
    Outputs.writeJson(json, report.json());
    return 0;
  }

  private List<Turn> run(RestLoad load, Cpus cpus) throws Exception {
    RestLoad.Result _ = pinned(load, cpus, WARM_UP_SECONDS, calls);
    List<Turn> turns = new ArrayList<>();
    Random random = new Random();
    for (int round = 1; round <= rounds; round++) {
      boolean first = random.nextBoolean();
      for (boolean withCalls : new boolean[] {first, !first}) {
        double before = CoreState.measure(cpus);
        RestLoad.Result result = pinned(load, cpus, seconds, withCalls ? calls : 0);
        double after = CoreState.measure(cpus);
        turns.add(new Turn(round, withCalls, result, CoreState.between(before, after)));
      }
    }
    return turns;
  }

  private static RestLoad.Result pinned(RestLoad load, Cpus cpus, double seconds, int calls)
      throws Exception {
    FutureTask<RestLoad.Result> task =
        new FutureTask<>(
            () -> {
              Threads.pinCurrentThread(cpus.first());
              return load.run(seconds, calls);
            });
    Thread.ofPlatform().name("guests").start(task).join();
    return task.get();
  }

  private void check() {
    if (calls < 1 || calls > MOST_CALLS) {
      throw usage("--calls must be between 1 and " + MOST_CALLS);
    }
    if (rounds < 1 || seconds <= 0) {
      throw usage("--rounds and --seconds must be positive");
    }
    try {
      Outputs.checkWritable(json);
    } catch (UserException e) {
      throw usage(e.getMessage());
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
