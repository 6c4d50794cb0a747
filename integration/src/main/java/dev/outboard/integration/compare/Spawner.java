package dev.outboard.integration.compare;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.outboard.integration.UserException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Starts processes that the kernel kills when this one dies. Used by {@link Child} and others. */
final class Spawner {
  /**
   * To the kernel the parent is the thread that started a child, so this one never ends. A child
   * whose parent died before it could ask for that sees it by its parent's number.
   */
  private static final ExecutorService THREAD =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "spawner");
            thread.setDaemon(true);
            return thread;
          });

  private static final String GUARD = "[ \"$PPID\" = \"$0\" ] && exec \"$@\"";

  private Spawner() {}

  /**
   * The command, which dies with this process.
   *
   * @param inside the first words of it, such as those that change to another network
   */
  static List<String> tied(List<String> inside, List<String> command) {
    List<String> words = new ArrayList<>(List.of("setpriv", "--pdeathsig", "KILL", "--"));
    words.addAll(inside);
    String self = Long.toString(ProcessHandle.current().pid());
    words.addAll(List.of("/bin/sh", "-c", GUARD, self));
    words.addAll(command);
    return words;
  }

  /** Starts it. */
  static Process start(String name, ProcessBuilder builder) throws UserException {
    try {
      return THREAD.submit(builder::start).get();
    } catch (ExecutionException e) {
      throw new UserException("can't start " + name + ": " + e.getCause().getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserException("interrupted", e);
    }
  }

  /** Runs a command to its end and gives what it printed. */
  static String run(List<String> command, String input) throws UserException {
    String name = "'" + String.join(" ", command) + "'";
    Process process = start(name, new ProcessBuilder(command).redirectErrorStream(true));
    try {
      try (var in = process.outputWriter(UTF_8)) {
        in.write(input);
      }
      String output = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
      if (process.waitFor() != 0) {
        throw new UserException(name + " failed: " + output.replace('\n', ' '));
      }
      return output;
    } catch (IOException e) {
      throw new UserException(name + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserException("interrupted", e);
    } finally {
      process.destroyForcibly();
    }
  }
}
