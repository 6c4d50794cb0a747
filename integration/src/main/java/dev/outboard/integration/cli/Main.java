package dev.outboard.integration.cli;

import dev.outboard.integration.UserException;
import dev.outboard.integration.Version;
import dev.outboard.linux.EarlyBinding;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command {@code outboard}: what the launcher starts. Holds the rules for exit and errors. */
@Command(
    name = "outboard",
    description = {
      "A network stack for microVMs that runs beside them in one host process.",
      "",
      "'outboard run' is the daemon; the other commands speak to it."
    },
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    versionProvider = Main.VersionLine.class,
    footer = {
      "",
      "Exit codes: 0 done, 1 it failed, 2 the command line or the configuration is wrong."
    })
public final class Main implements Runnable {
  private static final List<Class<?>> COMMANDS =
      List.of(
          RunCommand.class,
          AttachCommand.class,
          DetachCommand.class,
          MoveCommand.class,
          ListCommand.class,
          StatsCommand.class,
          CheckConfigCommand.class,
          TransportsCommand.class,
          DoctorCommand.class,
          UplinksCommand.class,
          RemotesCommand.class,
          SwapCommand.class,
          ObserveCommand.class,
          PluginsCommand.class,
          CompareCommand.class,
          FiguresCommand.class,
          FiguresSideCommand.class,
          WarmUpCommand.class,
          CommandLine.HelpCommand.class);

  @Spec private CommandSpec spec;

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "With an error, print where in the program it came from.")
  private boolean verbose;

  /** Runs one command and exits. */
  public static void main(String[] args) {
    if (args.length > 0 && args[0].equals("run")) {
      EarlyBinding.begin();
    }
    System.exit(run(args));
  }

  /** Runs one command and gives its exit code. */
  static int run(String... args) {
    return commandLine(args).execute(args);
  }

  /** All commands; who wants to read what they print says where it goes. */
  static CommandLine commandLine() {
    return commandLine(COMMANDS);
  }

  /**
   * The command alone that these words begin with, or all if it is none: to read the options of one
   * takes some 15 ms of a daemon's start.
   */
  static CommandLine commandLine(String... args) {
    Optional<String> wanted = Stream.of(args).filter(arg -> !arg.startsWith("-")).findFirst();
    List<Class<?>> named =
        COMMANDS.stream().filter(each -> wanted.equals(Optional.of(name(each)))).toList();
    boolean all = named.isEmpty() || named.contains(CommandLine.HelpCommand.class);
    return commandLine(all ? COMMANDS : named);
  }

  private static String name(Class<?> command) {
    return command.getAnnotation(Command.class).name();
  }

  private static CommandLine commandLine(List<Class<?>> commands) {
    Main main = new Main();
    CommandLine line = new CommandLine(main);
    commands.forEach(line::addSubcommand);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setParameterExceptionHandler(Main::usageError);
    line.setExecutionExceptionHandler(main::failure);
    return line;
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  private static int usageError(CommandLine.ParameterException error, String[] args) {
    CommandLine line = error.getCommandLine();
    String hint = "; see '" + line.getCommandSpec().qualifiedName() + " --help'";
    line.getErr().println("outboard: " + error.getMessage().lines().findFirst().orElse("") + hint);
    return 2;
  }

  private int failure(Exception error, CommandLine line, ParseResult result) {
    if (verbose) {
      error.printStackTrace(line.getErr());
    }
    String message =
        error instanceof UserException
            ? error.getMessage()
            : "unexpected failure: " + error + "; --verbose tells more";
    line.getErr().println("outboard: " + message);
    return error instanceof UserException user ? user.exitCode() : 1;
  }

  static final class VersionLine implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"outboard " + Version.text()};
    }
  }
}
