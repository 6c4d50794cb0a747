package dev.outboard.transport.dpdk;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs programs of the system in the calling thread's network. */
final class Commands {
  private Commands() {}

  /** Runs one and returns what it says; it must succeed. */
  static String run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new AssertionError(List.of(command) + ": " + output);
    }
    return output;
  }

  /** The words that start a class of the tests in another JVM. */
  static List<String> java(String classPath, Class<?> main, String... arguments) {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp", classPath));
    words.add(main.getName());
    words.addAll(List.of(arguments));
    return words;
  }
}
