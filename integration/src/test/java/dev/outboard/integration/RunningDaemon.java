package dev.outboard.integration;

import dev.outboard.integration.cli.InProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** A daemon in a process of its own, started as a user would; and commands against it. */
public final class RunningDaemon implements AutoCloseable {
  private static final int SIGTERM_SECONDS = 20;
  private static final int COMMAND_MINUTES = 4;

  /** A command is over before it would pay to compile it well. */
  private static final List<String> SHORT_LIVED = List.of("-XX:TieredStopAtLevel=1");

  private final Path socket;
  private final Process process;
  private final List<String> lines = new ArrayList<>();

  /** What a command has left behind. */
  public record Outcome(int code, String out, String err) {}

  /** Starts one whose API is in the directory; returns when it is ready. */
  public RunningDaemon(Path directory, String... options) throws IOException {
    this(command -> command, directory, options);
  }

  /** The same where the command is changed first, as to run in a network namespace. */
  public RunningDaemon(UnaryOperator<List<String>> wrapper, Path directory, String... options)
      throws IOException {
    socket = directory.resolve("api.sock");
    List<String> words = new ArrayList<>(List.of("run", "--api", socket.toString()));
    words.addAll(Arrays.asList(options));
    process =
        new ProcessBuilder(wrapper.apply(java(words).command()))
            .redirectError(directory.resolve("err.log").toFile())
            .start();
    BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      lines.add(line);
      if (line.startsWith("ready")) {
        return;
      }
    }
    String error = Files.readString(directory.resolve("err.log"));
    throw new IOException("the daemon did not start: " + lines + error);
  }

  /** Runs a command in a process of its own, without naming a daemon. */
  public static Outcome command(String... words) throws IOException, InterruptedException {
    return command(command -> command, words);
  }

  /** Writes a script that does what {@code ./outboard} does, with what is compiled here. */
  public static void script(Path file) throws IOException {
    String command =
        java(List.of()).command().stream()
            .map(word -> "'" + word + "'")
            .collect(Collectors.joining(" "));
    Files.writeString(file, "#!/bin/sh\nexec " + command + " \"$@\"\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }

  /** The same where the command is changed first, as to run in a network namespace. */
  public static Outcome command(UnaryOperator<List<String>> wrapper, String... words)
      throws IOException, InterruptedException {
    Path out = Files.createTempFile("outboard", ".out");
    Path err = Files.createTempFile("outboard", ".err");
    try {
      List<String> line = wrapper.apply(java(SHORT_LIVED, List.of(words)).command());
      Process command =
          new ProcessBuilder(line).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
      if (!command.waitFor(COMMAND_MINUTES, TimeUnit.MINUTES)) {
        command.destroyForcibly();
        throw new IOException("hangs: " + Arrays.toString(words));
      }
      return new Outcome(command.exitValue(), Files.readString(out), Files.readString(err));
    } finally {
      Files.delete(out);
      Files.delete(err);
    }
  }

  /** Starts a command that goes on by itself; what it prints is lost. */
  public static Process start(String... words) throws IOException {
    return java(List.of(words))
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  /** Runs a command against this daemon, in this process. */
  public Outcome outboard(String... words) {
    List<String> all = new ArrayList<>(Arrays.asList(words));
    all.addAll(List.of("--api", socket.toString()));
    return InProcess.command(all.toArray(String[]::new));
  }

  /** Where its API is. */
  public Path socket() {
    return socket;
  }

  /** What it has said up to "ready". */
  public List<String> lines() {
    return lines;
  }

  /** Its process. */
  public ProcessHandle handle() {
    return process.toHandle();
  }

  /** SIGTERM; gives the exit code. */
  public int terminate() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(SIGTERM_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException("did not end on SIGTERM");
    }
    return process.exitValue();
  }

  /** SIGKILL. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  private static ProcessBuilder java(List<String> words) {
    return java(List.of(), words);
  }

  private static ProcessBuilder java(List<String> options, List<String> words) {
    List<String> command = DaemonJvm.command(options.toArray(String[]::new));
    command.addAll(words);
    return new ProcessBuilder(command);
  }
}
