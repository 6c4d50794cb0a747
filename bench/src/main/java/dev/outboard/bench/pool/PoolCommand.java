package dev.outboard.bench.pool;

import dev.outboard.integration.UserException;
import dev.outboard.integration.cli.Outputs;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./outboard bench pool}: the connection pool in simulated time. */
@Command(
    name = "pool",
    description = {
      "The connection pool on traces of requests, in simulated time: hits, set-ups and idle",
      "connections beside other policies and an oracle that knows the future. Every run gives the",
      "same figures."
    },
    mixinStandardHelpOptions = true)
public final class PoolCommand implements Callable<Integer> {
  private static final double OVERLOAD_SECONDS = 300;

  @Spec private CommandSpec spec;

  @Option(
      names = "--trace",
      paramLabel = "NAME",
      split = ",",
      description = "These alone; default: all.")
  private List<String> chosen = List.of();

  @Option(names = "--json", paramLabel = "FILE", description = "Write the results there, too.")
  private Path json;

  @Override
  public Integer call() throws Exception {
    try {
      Outputs.checkWritable(json);
    } catch (UserException e) {
      throw usage(e.getMessage());
    }
    List<PoolReport.Result> results = new ArrayList<>();
    for (Trace trace : traces()) {
      Oracle oracle = new Oracle(trace);
      List<Outcome> outcomes = new ArrayList<>();
      for (Policy policy : Policy.all()) {
        outcomes.add(Outcome.of(policy, trace, oracle));
      }
      results.add(new PoolReport.Result(trace, outcomes));
    }
    PoolReport report = new PoolReport(results, Overload.all(OVERLOAD_SECONDS));
    PrintWriter out = spec.commandLine().getOut();
    out.print(report.text());
    out.flush();
    Outputs.writeJson(json, report.json());
    return 0;
  }

  private List<Trace> traces() {
    List<Trace> all = Traces.all();
    List<String> known = all.stream().map(Trace::name).toList();
    for (String name : chosen) {
      if (!known.contains(name)) {
        throw usage(
            "no trace '%s'; there are %s"
                .formatted(name, known.stream().collect(Collectors.joining(", "))));
      }
    }
    return chosen.isEmpty()
        ? all
        : all.stream().filter(trace -> chosen.contains(trace.name())).toList();
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
