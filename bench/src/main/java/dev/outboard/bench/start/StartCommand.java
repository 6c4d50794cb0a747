package dev.outboard.bench.start;

import dev.outboard.bench.Scratch;
import dev.outboard.integration.UserException;
import dev.outboard.integration.cli.Outputs;
import dev.outboard.integration.compare.Cpus;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./outboard bench start}: from the launcher's start to full speed. */
@Command(
    name = "start",
    description = {
      "How long from executing './outboard run' to the first frame between two guests that its",
      "configuration declares and whose VMMs listen already, how long from there to full speed,"
          + " and",
      "what memory is resident; with the launcher's cache, in turns with starts that lack it."
    },
    mixinStandardHelpOptions = true)
public final class StartCommand implements Callable<Integer> {
  /** Time to become warm, and as long again to see how fast that is. */
  private static final int LEAST_LOAD = 200;

  @Spec private CommandSpec spec;

  @Option(
      names = "--runs",
      paramLabel = "N",
      description =
          "How often each kind is started, after once for the caches; default: ${DEFAULT-VALUE}.",
      defaultValue = "10")
  private int runs;

  @Option(
      names = "--kinds",
      split = ",",
      paramLabel = "KIND",
      description = {
        "cache: as users start it; classes: without what the cache knows of how often code runs;",
        "no_cache: without it. Default: ${DEFAULT-VALUE}."
      },
      defaultValue = "cache,classes,no_cache")
  private List<StartKind> kinds;

  @Option(
      names = "--load-millis",
      paramLabel = "N",
      description = "How long each carries all it can; default: ${DEFAULT-VALUE}.",
      defaultValue = "4000")
  private int loadMillis;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the results there, too.")
  private Path json;

  @Override
  public Integer call() throws Exception {
    check();
    List<StartBench.Start> starts;
    try (Scratch scratch = new Scratch()) {
      starts = run(scratch.directory());
    } catch (UserException e) {
      spec.commandLine().getErr().println("outboard: " + e.getMessage());
      return 1;
    }
    StartReport report = new StartReport(starts);
    PrintWriter out = spec.commandLine().getOut();
    out.print(report.text());
    out.flush();
    Outputs.writeJson(json, report.json());
    return 0;
  }

  private List<StartBench.Start> run(Path folder) throws Exception {
    StartBench bench = new StartBench(folder, Cpus.choose(), loadMillis);
    List<StartBench.Start> starts = new ArrayList<>();
    StartBench.Start _ = bench.once(0, StartKind.CACHE);
    Random random = new Random();
    for (int round = 1; round <= runs; round++) {
      List<StartKind> order = new ArrayList<>(kinds);
      Collections.shuffle(order, random);
      for (StartKind kind : order) {
        starts.add(bench.once(round, kind));
      }
    }
    return starts;
  }

  private void check() {
    if (runs < 1) {
      throw usage("--runs must be at least 1");
    }
    if (loadMillis < LEAST_LOAD) {
      throw usage("--load-millis must be at least " + LEAST_LOAD);
    }
    if (!kinds.contains(StartKind.CACHE)) {
      throw usage("--kinds must name cache, which the others are compared with");
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
