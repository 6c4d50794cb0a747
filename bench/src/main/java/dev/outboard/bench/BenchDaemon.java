package dev.outboard.bench;

import dev.outboard.integration.cli.Main;
import dev.outboard.linux.LinuxException;
import dev.outboard.linux.Processes;

/**
 * {@code outboard run}, but it ends with the benchmark that started it, even if that is killed.
 * Started by {@link ApiArm} only.
 */
final class BenchDaemon {
  private BenchDaemon() {}

  /** The benchmark's pid, then the words of the command. */
  public static void main(String[] args) throws LinuxException {
    Processes.dieWithParent();
    long parent = ProcessHandle.current().parent().map(ProcessHandle::pid).orElse(0L);
    if (parent != Long.parseLong(args[0])) {
      return; // It died before the wish was made.
    }
    String[] command = new String[args.length - 1];
    System.arraycopy(args, 1, command, 0, command.length);
    Main.main(command);
  }
}
