package dev.outboard.bench.parts;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** {@code ./outboard bench parts}: JMH, in Java machines of their own with a sidecar's options. */
@Command(
    name = "parts",
    description = {
      "What the steps on a frame's way cost by themselves, in a warm cache, by JMH: descriptor"
          + " walk,",
      "header copy, copy by size, used ring, route look-up. Arguments are JMH's, such as 'deliver",
      "-p bytes=64 -f 1'; '-h' lists them, '-l' the parts. '-rff FILE -rf json' writes JSON."
    })
public final class PartsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Unmatched private List<String> arguments = new ArrayList<>();

  @Override
  public Integer call() throws Exception {
    CommandLineOptions options;
    try {
      options = new CommandLineOptions(arguments.toArray(String[]::new));
    } catch (CommandLineOptionException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    if (options.shouldHelp()) {
      options.showHelp();
      return 0;
    }
    Runner runner = new Runner(options);
    if (options.shouldList()) {
      runner.list();
      return 0;
    }
    try {
      var _ = runner.run();
      return 0;
    } catch (NoBenchmarksException e) {
      throw new ParameterException(spec.commandLine(), "no part is called so; '-l' lists them", e);
    } catch (RunnerException e) {
      spec.commandLine().getErr().println("outboard: " + e.getMessage());
      return 1;
    }
  }
}
