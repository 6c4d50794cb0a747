package dev.outboard.integration.ssh;

import dev.outboard.integration.UserException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A Unix socket of another machine, here: ssh forwards it, with the user's own keys and settings,
 * and asks nothing. Made, used and closed by commands, one thread at a time.
 *
 * <p>Theory of operation. ssh runs a command there that says it has started, and then reads what we
 * write, which is nothing: since the forward is made before that command is started, its word means
 * that the forward is there, and since it ends when its input does, ssh ends when we do, however
 * that was.
 */
public final class SshForward implements AutoCloseable {
  private static final String SCHEME = "ssh://";
  private static final int END_SECONDS = 5;
  private static final String STARTED = "outboard-forward";

  private final Path directory;
  private final Path socket;
  private Process process;

  private SshForward(Path directory) {
    this.directory = directory;
    socket = directory.resolve("api.sock");
  }

  /** Whether a user means a socket on another machine. */
  public static boolean isAddress(String text) {
    return text.startsWith(SCHEME);
  }

  /**
   * Connects.
   *
   * @param address {@code ssh://[user@]host[:port][/path]}
   * @param config a configuration for ssh; null: the user's own
   * @throws UserException in one line, if that is no address or ssh fails
   */
  public static SshForward open(String address, Path config) throws UserException {
    SshAddress where = SshAddress.parse(address);
    SshForward forward = null;
    try {
      // Nobody else may enter a temporary directory.
      forward = new SshForward(Files.createTempDirectory("outboard-ssh"));
      forward.connect(address, where, config);
      return forward;
    } catch (IOException e) {
      close(forward);
      throw new UserException(address + ": can't run ssh: " + e.getMessage(), e);
    } catch (UserException e) {
      close(forward);
      throw e;
    }
  }

  private static void close(SshForward forward) {
    if (forward != null) {
      forward.close();
    }
  }

  private void connect(String address, SshAddress where, Path config)
      throws IOException, UserException {
    List<String> forward =
        List.of("-o", "ExitOnForwardFailure=yes", "-L", socket + ":" + where.socket());
    List<String> words = SshCommand.of(where, config, forward, "echo " + STARTED + "; exec cat");
    Path errors = directory.resolve("ssh.err");
    process = new ProcessBuilder(words).redirectError(errors.toFile()).start();
    BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
    // A login script may have something to say first.
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.endsWith(STARTED)) {
        return;
      }
    }
    throw new UserException(
        "%s: ssh failed: %s; 'ssh %s' must work without questions"
            .formatted(address, lastLine(errors), String.join(" ", where.destination())));
  }

  private static String lastLine(Path errors) throws IOException {
    List<String> lines =
        Files.readAllLines(errors).stream().filter(line -> !line.isBlank()).toList();
    return lines.isEmpty() ? "it said nothing" : lines.getLast().strip();
  }

  /** The socket here. */
  public Path socket() {
    return socket;
  }

  @Override
  public void close() {
    try {
      if (process != null) {
        process.outputWriter(StandardCharsets.UTF_8).close();
        if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
          process.destroyForcibly().waitFor();
        }
      }
      Files.deleteIfExists(socket);
      Files.deleteIfExists(directory.resolve("ssh.err"));
      Files.deleteIfExists(directory);
    } catch (IOException e) {
      System.getLogger("outboard").log(System.Logger.Level.DEBUG, "ssh", e);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
