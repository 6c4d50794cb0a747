package dev.outboard.integration.cli;

import dev.outboard.integration.UserException;
import dev.outboard.integration.daemon.Daemon;
import dev.outboard.integration.rest.ApiClient;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code outboard run}: is the daemon until a signal ends it. */
@Command(
    name = "run",
    description = "Run the daemon. It ends cleanly on SIGTERM and SIGINT.",
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  private static final long CLOSE_MILLIS = 15_000;

  @Spec private CommandSpec spec;
  @Mixin private ApiOption api;
  @Mixin private JsonOption json;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Configuration, YAML; docs/outboard.example.yaml explains it.")
  private Path config;

  @Option(
      names = "--plugins",
      paramLabel = "DIR",
      description =
          "Directory with a folder for each plugin (default: what the configuration says, or"
              + " 'plugins' beside it).")
  private Path plugins;

  @Option(
      names = "--take-over",
      description = {
        "Take the guests over from the daemon that runs on the same API socket, and have it end:"
            + " a restart that no VMM notices.",
        "If something fails the running daemon goes on; docs/restart.md tells more."
      })
  private boolean takeOver;

  @Override
  public Integer call() throws UserException, InterruptedException {
    Logs.configure();
    PrintWriter out = spec.commandLine().getOut();
    Daemon daemon = Daemon.create(api.settings(config, plugins));
    Thread end = new Thread(() -> end(daemon), "end");
    Runtime.getRuntime().addShutdownHook(end);
    try {
      if (takeOver) {
        daemon.takeOver(line -> log(out, line));
      } else {
        daemon.start(line -> log(out, line));
      }
    } catch (UserException | RuntimeException e) {
      Runtime.getRuntime().removeShutdownHook(end);
      throw e;
    }
    if (json.isSet()) {
      try (ApiClient client = new ApiClient(daemon.api())) {
        log(out, client.call("GET", "/", "").strip());
      }
    }
    daemon.awaitSuccessor();
    log(out, "the guests have a new daemon");
    return 0;
  }

  private void log(PrintWriter out, String line) {
    if (!json.isSet() || line.startsWith("{")) {
      out.println(line);
      out.flush();
    }
  }

  /** Runs as the hook of the JVM's shutdown, which a signal has begun. */
  private static void end(Daemon daemon) {
    Thread deadline = new Thread(RunCommand::giveUp, "end-deadline");
    deadline.setDaemon(true);
    deadline.start();
    int code = 0;
    try {
      daemon.close();
    } catch (RuntimeException e) {
      System.err.println("outboard: did not end cleanly: " + e);
      code = 1;
    }
    Runtime.getRuntime().halt(code);
  }

  private static void giveUp() {
    try {
      Thread.sleep(CLOSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    System.err.println("outboard: did not end within " + CLOSE_MILLIS / 1000 + " s, giving up");
    Runtime.getRuntime().halt(1);
  }
}
