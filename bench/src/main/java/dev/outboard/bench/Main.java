package dev.outboard.bench;

import dev.outboard.bench.parts.PartsCommand;
import dev.outboard.bench.peers.PeersCommand;
import dev.outboard.bench.pool.PoolCommand;
import dev.outboard.bench.rest.RestCommand;
import dev.outboard.bench.start.StartCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code ./outboard bench}: one subcommand for each benchmark. Started by the launcher. */
@Command(
    name = "outboard bench",
    description = "Measure Outboard beside what it replaces.",
    subcommands = {
      AttachCommand.class,
      CrowdCommand.class,
      DpdkCommand.class,
      NotifierCommand.class,
      PartsCommand.class,
      PeersCommand.class,
      PoolCommand.class,
      RestCommand.class,
      StartCommand.class,
      VxlanCommand.class,
      ZeroCopyCommand.class
    },
    mixinStandardHelpOptions = true)
public final class Main implements Runnable {
  @Spec private CommandSpec spec;

  /** Runs one benchmark and exits. */
  public static void main(String[] args) {
    CommandLine line = new CommandLine(new Main());
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setParameterExceptionHandler(Main::usageError);
    line.setExecutionExceptionHandler(
        (error, command, result) -> {
          command.getErr().println("outboard: bench failed: " + error.getMessage());
          error.printStackTrace(command.getErr());
          return 1;
        });
    System.exit(line.execute(args));
  }

  @Override
  public void run() {
    spec.commandLine().usage(System.out);
  }

  private static int usageError(CommandLine.ParameterException error, String[] args) {
    CommandLine line = error.getCommandLine();
    String hint = "; see '" + line.getCommandSpec().qualifiedName() + " --help'";
    line.getErr().println("outboard: " + error.getMessage() + hint);
    return 2;
  }
}
