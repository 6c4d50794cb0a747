package dev.outboard.bench;

import dev.outboard.integration.cli.Main;
import dev.outboard.linux.LinuxException;

/** {@code outboard run} as a child of the benchmark. Started by {@link ApiArm} only. */
final class BenchDaemon {
  private BenchDaemon() {}

  /** Runs the command that was given. */
  public static void main(String[] args) throws LinuxException {
    Main.main(Child.wordsAfterBirth(args));
  }
}
