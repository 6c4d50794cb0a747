package dev.outboard.transport.dpdk;

import java.nio.charset.StandardCharsets;
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
}
