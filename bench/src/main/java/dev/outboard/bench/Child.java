package dev.outboard.bench;

import dev.outboard.linux.LinuxException;
import dev.outboard.linux.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Processes of this program that end with the benchmark that started them, even if that is killed.
 * Started by the thread of the benchmark, which lives as long as the benchmark does.
 */
public final class Child {
  private static final int END_SECONDS = 20;

  private Child() {}

  /** Starts a class of this module whose main method begins with {@link #wordsAfterBirth}. */
  static Process start(Class<?> main, String... words) throws IOException {
    List<String> command = java(main);
    command.add(Long.toString(ProcessHandle.current().pid()));
    command.addAll(Arrays.asList(words));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  /** The command of a Java machine like a sidecar's that runs a class; words may be added. */
  public static List<String> java(Class<?> main) {
    return new ArrayList<>(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-XX:+UseSerialGC",
            "-Xms16m",
            "-Xmx256m",
            "-cp",
            System.getProperty("java.class.path"),
            main.getName()));
  }

  /** What a child has written to its log, in one line. */
  public static String said(Path log) {
    try {
      return Files.readString(log).strip().replace('\n', ' ');
    } catch (IOException e) {
      return "nothing";
    }
  }

  /** In the child: ties its life to the parent's; what it was told. */
  static String[] wordsAfterBirth(String[] args) throws LinuxException {
    Processes.dieWithParent();
    long parent = ProcessHandle.current().parent().map(ProcessHandle::pid).orElse(0L);
    if (parent != Long.parseLong(args[0])) {
      System.exit(1); // It died before the wish was made.
    }
    return Arrays.copyOfRange(args, 1, args.length);
  }

  /** Asks it to end, and makes it if it does not. */
  public static void end(Process child) {
    child.destroy();
    try {
      if (!child.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        Process _ = child.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Process _ = child.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
