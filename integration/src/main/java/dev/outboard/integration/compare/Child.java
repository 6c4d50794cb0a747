package dev.outboard.integration.compare;

import dev.outboard.integration.UserException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A JVM in a network namespace that speaks in lines and cannot outlive us: the kernel kills it when
 * we die, and a namespace of its own goes with it, with all devices. One thread.
 */
public final class Child implements AutoCloseable {
  /** Brings it into a network of its own. */
  static final List<String> NEW_NETWORK = List.of("unshare", "--net", "--");

  private static final long KILL_SECONDS = 10;

  private final String name;
  private final Process process;
  private final Path errors;
  private final PrintWriter in;

  /** What it has said and nobody has read; empty: it will say no more. */
  private final BlockingQueue<Optional<String>> lines = new LinkedBlockingQueue<>();

  private Child(String name, Process process, Path errors) {
    this.name = name;
    this.process = process;
    this.errors = errors;
    in = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
    Thread reader = new Thread(this::read, "read " + name);
    reader.setDaemon(true);
    reader.start();
  }

  /**
   * Starts a JVM like this one with a main class of ours.
   *
   * @param network the first words of its command, which bring it into a network
   */
  public static Child start(
      String name, Path directory, List<String> network, Class<?> main, List<String> arguments)
      throws UserException {
    Path errors = directory.resolve(name.replace(' ', '-') + ".err");
    List<String> java = new ArrayList<>();
    java.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    java.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    java.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    java.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(Spawner.tied(network, java)).redirectError(errors.toFile());
    return new Child(name, Spawner.start(name, builder), errors);
  }

  public long pid() {
    return process.pid();
  }

  public String name() {
    return name;
  }

  private void read() {
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        lines.add(Optional.of(line));
      }
    } catch (IOException e) {
      // Its end says the same.
    }
    lines.add(Optional.empty());
  }

  public void send(String line) {
    in.println(line);
  }

  /** The next line it says. */
  public String line(Duration patience) throws UserException {
    try {
      Optional<String> line = lines.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
      if (line == null) {
        throw new UserException(name + " has said nothing for " + patience.toSeconds() + " s");
      }
      return line.orElseThrow(() -> new UserException(name + " ended: " + lastError()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserException("interrupted", e);
    }
  }

  private String lastError() {
    try {
      List<String> text = Files.readAllLines(errors);
      return text.isEmpty() ? "it did not say why" : text.getLast();
    } catch (IOException e) {
      return "it did not say why";
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      if (!process.waitFor(KILL_SECONDS, TimeUnit.SECONDS)) {
        System.getLogger(Child.class.getName())
            .log(System.Logger.Level.WARNING, name + " does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
