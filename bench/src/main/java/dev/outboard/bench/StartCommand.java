package dev.outboard.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.outboard.integration.UserException;
import dev.outboard.integration.cli.Outputs;
import dev.outboard.integration.wire.Json;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./outboard bench start}: from the launcher's start to the first frame. */
@Command(
    name = "start",
    description = {
      "How long from executing './outboard run' to the first frame between two guests that its",
      "configuration declares and whose VMMs listen already, and what memory is resident then."
    },
    mixinStandardHelpOptions = true)
public final class StartCommand implements Callable<Integer> {
  private static final double MILLION = 1e6;
  private static final double KIB = 1024;

  @Spec private CommandSpec spec;

  @Option(
      names = "--runs",
      paramLabel = "N",
      description =
          "How often it is started, after once for the caches; default: ${DEFAULT-VALUE}.",
      defaultValue = "10")
  private int runs;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the results there, too.")
  private Path json;

  @Override
  public Integer call() throws Exception {
    if (runs < 1) {
      throw new ParameterException(spec.commandLine(), "--runs must be at least 1");
    }
    try {
      Outputs.checkWritable(json);
    } catch (UserException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage());
    }
    StartBench.Start[] starts = new StartBench.Start[runs];
    try (Scratch scratch = new Scratch()) {
      Path launcher = Path.of(System.getProperty("outboard.root"), "outboard");
      StartBench bench = new StartBench(launcher, scratch.directory());
      StartBench.Start _ = bench.once();
      for (int i = 0; i < runs; i++) {
        starts[i] = bench.once();
      }
    } catch (UserException e) {
      spec.commandLine().getErr().println("outboard: " + e.getMessage());
      return 1;
    }
    long[] connected = figures(starts, StartBench.Start::connectedNanos);
    long[] frame = figures(starts, StartBench.Start::frameNanos);
    long[] resident = figures(starts, StartBench.Start::residentKib);
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "both guests served after %.0f ms, first frame after %.0f ms (median of %d; %.0f to %.0f),"
            + " resident %.0f MiB%n",
        Quantiles.at(connected, 0.5) / MILLION,
        Quantiles.at(frame, 0.5) / MILLION,
        runs,
        Quantiles.at(frame, 0) / MILLION,
        Quantiles.at(frame, 1) / MILLION,
        Quantiles.at(resident, 0.5) / KIB);
    out.flush();
    ObjectNode root = Json.api().createObjectNode();
    root.put("connected_ms", Quantiles.at(connected, 0.5) / MILLION);
    root.put("first_frame_ms", Quantiles.at(frame, 0.5) / MILLION);
    root.put("resident_mib", Quantiles.at(resident, 0.5) / KIB);
    Outputs.writeJson(json, root);
    return 0;
  }

  private static long[] figures(
      StartBench.Start[] starts, ToLongFunction<StartBench.Start> figure) {
    return Stream.of(starts).mapToLong(figure).toArray();
  }
}
