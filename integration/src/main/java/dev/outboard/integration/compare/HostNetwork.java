package dev.outboard.integration.compare;

import dev.outboard.integration.UserException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The network of one of two hosts: a namespace that has no name anywhere. A process that only waits
 * keeps it; the kernel ends that with us, and the namespace with all its devices goes with it. Used
 * by {@link TwoHosts}, by one thread.
 */
public final class HostNetwork implements AutoCloseable {
  private final Process holder;

  private HostNetwork(Process holder) {
    this.holder = holder;
  }

  /** A new one, with nothing in it. */
  public static HostNetwork create() throws UserException {
    // It says a word when it is inside, and ends when its input does.
    List<String> wait = List.of("/bin/sh", "-c", "echo inside; exec cat");
    List<String> command = Spawner.tied(List.of("unshare", "--net", "--"), wait);
    Process holder =
        Spawner.start("a network namespace", new ProcessBuilder(command).redirectErrorStream(true));
    try {
      BufferedReader out = holder.inputReader(StandardCharsets.UTF_8);
      String line = out.readLine();
      if (!"inside".equals(line)) {
        throw new UserException("can't make a network namespace: " + line);
      }
      return new HostNetwork(holder);
    } catch (IOException e) {
      holder.destroyForcibly();
      throw new UserException("can't make a network namespace: " + e.getMessage(), e);
    } catch (UserException e) {
      holder.destroyForcibly();
      throw e;
    }
  }

  /** Brings a device of this machine in, until it is given {@link #back}. */
  public void take(String device) throws UserException {
    String _ = Spawner.run(List.of("ip", "link", "set", device, "netns", "" + pid()), "");
  }

  /** Gives a device back to this machine, which has it down. */
  public void back(String device) throws UserException {
    String self = "" + ProcessHandle.current().pid();
    ip(List.of("link set " + device + " down", "link set " + device + " netns " + self));
  }

  /** The process that stands for it. */
  public long pid() {
    return holder.pid();
  }

  /** The file that stands for it. */
  public Path file() {
    return Path.of("/proc", Long.toString(pid()), "ns", "net");
  }

  /** The first words of a command that is to run inside. */
  public List<String> enter() {
    return List.of("nsenter", "--net=" + file(), "--");
  }

  /** Runs a command inside; gives what it printed. */
  public String run(String... command) throws UserException {
    return run(List.of(command), "");
  }

  /** Carries out commands of {@code ip}, one a line. */
  public void ip(List<String> lines) throws UserException {
    run(List.of("ip", "-batch", "-"), String.join("\n", lines) + "\n");
  }

  private String run(List<String> command, String input) throws UserException {
    List<String> words = new ArrayList<>(enter());
    words.addAll(command);
    return Spawner.run(words, input);
  }

  @Override
  public void close() {
    holder.destroyForcibly();
  }
}
