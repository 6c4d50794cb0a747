package dev.outboard.integration.ssh;

import dev.outboard.integration.UserException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The words that have ssh run a command on another machine, asking nothing. Pure functions. */
public final class SshCommand {
  private static final int CONNECT_SECONDS = 20;

  private SshCommand() {}

  /**
   * To a machine.
   *
   * @param host {@code [user@]host[:port]}
   * @param config a configuration for ssh; null: the user's own
   * @param command what a shell there is given
   */
  public static List<String> of(String host, Path config, String command) throws UserException {
    return of(SshAddress.parse("ssh://" + host), config, List.of(), command);
  }

  static List<String> of(SshAddress where, Path config, List<String> more, String command) {
    List<String> words = new ArrayList<>(List.of("ssh"));
    if (config != null) {
      words.addAll(List.of("-F", config.toString()));
    }
    for (String option :
        List.of(
            "BatchMode=yes",
            "ConnectTimeout=" + CONNECT_SECONDS,
            "ControlPath=none",
            "ServerAliveInterval=5",
            "ServerAliveCountMax=3")) {
      words.addAll(List.of("-o", option));
    }
    words.add("-T");
    words.addAll(more);
    words.addAll(where.destination());
    words.add(command);
    return words;
  }

  /** A word as a shell takes it for one, whatever is in it. */
  public static String quoted(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
  }
}
