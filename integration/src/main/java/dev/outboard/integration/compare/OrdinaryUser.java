package dev.outboard.integration.compare;

import dev.outboard.integration.UserException;
import dev.outboard.linux.Processes;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Has users who are not root compare, too: a user namespace makes them the root of networks that
 * they make themselves. The command starts again inside of one. Called by it, first of all.
 */
public final class OrdinaryUser {
  private static final List<String> INSIDE = List.of("unshare", "--user", "--map-root-user", "--");

  private OrdinaryUser() {}

  /** Whether the command must run again by {@link #rerun}. */
  public static boolean isCaller() {
    return !Processes.isRoot();
  }

  /** Runs the command in a user namespace of its own; gives its exit code. */
  public static int rerun(Class<?> main, List<String> words)
      throws UserException, InterruptedException {
    probe();
    List<String> java = new ArrayList<>();
    java.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    java.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    java.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    java.addAll(words);
    Process process =
        Spawner.start(
            "compare in a user namespace",
            new ProcessBuilder(Spawner.tied(INSIDE, java)).inheritIO());
    return process.waitFor();
  }

  private static void probe() throws UserException, InterruptedException {
    List<String> words = new ArrayList<>(INSIDE);
    words.addAll(List.of("unshare", "--net", "true"));
    String why;
    try {
      Process process =
          new ProcessBuilder(words).redirectErrorStream(true).redirectInput(Redirect.PIPE).start();
      why = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (process.waitFor() == 0) {
        return;
      }
    } catch (IOException e) {
      why = e.getMessage();
    }
    throw new UserException(
        "compare needs root or user namespaces, and there are none for this user ("
            + why.replace('\n', ' ')
            + "): use sudo, or allow them (sysctl kernel.unprivileged_userns_clone=1, on Ubuntu"
            + " kernel.apparmor_restrict_unprivileged_userns=0)");
  }
}
