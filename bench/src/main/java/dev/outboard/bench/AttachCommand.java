package dev.outboard.bench;

import dev.outboard.linux.Processes;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./outboard bench attach}: what it costs that a guest comes and goes. */
@Command(
    name = "attach",
    description = {
      "Time of attach and detach while other guests are attached, beside making a TAP.",
      "Every sample takes one guest in and out, of each arm and number of guests in random order."
    },
    mixinStandardHelpOptions = true)
final class AttachCommand implements Callable<Integer> {
  /** One more is attached in each sample, and a Linux bridge holds 1,023 ports. */
  private static final int MOST_GUESTS = 1022;

  private static final int FEWEST_SAMPLES = 10;

  @Spec private CommandSpec spec;

  @Option(
      names = "--guests",
      split = ",",
      paramLabel = "N",
      description = "How many others are attached; default: ${DEFAULT-VALUE}.",
      defaultValue = "1,100,1000")
  private List<Integer> guests;

  @Option(
      names = "--samples",
      paramLabel = "N",
      description = "Samples of each arm and number of guests; default: ${DEFAULT-VALUE}.",
      defaultValue = "200")
  private int samples;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the results there, too.")
  private Path json;

  @Override
  public Integer call() throws Exception {
    List<Integer> sizes = guests.stream().distinct().sorted().toList();
    if (sizes.getFirst() < 1 || sizes.getLast() > MOST_GUESTS) {
      throw usage("--guests must be between 1 and " + MOST_GUESTS + ", a bridge takes no more");
    }
    if (samples < FEWEST_SAMPLES) {
      throw usage("--samples must be at least " + FEWEST_SAMPLES);
    }
    long _ = Processes.raiseOpenFileLimit();
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter progress = spec.commandLine().getErr();
    try (Scratch scratch = new Scratch();
        AttachBench bench = new AttachBench(scratch.directory(), sizes, progress)) {
      AttachReport report = new AttachReport(sizes, samples, bench.run(samples));
      out.print(report.text());
      out.flush();
      if (json != null) {
        Files.writeString(json, report.json());
      }
    }
    return 0;
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
