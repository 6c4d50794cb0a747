package dev.outboard.transport.tuntap;

import dev.outboard.linux.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Which process a device belongs to, as a word that is written on the device: the process's pid
 * namespace, its pid and the time it started, for pids are given again. Control thread and keeper.
 *
 * @param pidNamespace the kernel's number for the namespace that the pid counts in
 * @param pid the process
 * @param startTicks when it started, in clock ticks since the machine did
 */
record Owner(long pidNamespace, int pid, long startTicks) {
  /** In {@code /proc/PID/stat}, counted from the state that follows the name in parentheses. */
  private static final int START_TIME_FIELD = 19;

  /** This process. */
  static Owner current() throws IOException {
    int pid = (int) ProcessHandle.current().pid();
    return new Owner(currentPidNamespace(), pid, Long.parseLong(stat(pid)[START_TIME_FIELD]));
  }

  /** Reads {@link #toString}'s text; null if it is not of that form. */
  static Owner parse(String text) {
    String[] parts = text.split("/", -1);
    try {
      return parts.length == 3
          ? new Owner(
              Long.parseLong(parts[0]), Integer.parseInt(parts[1]), Long.parseLong(parts[2]))
          : null;
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /**
   * Whether the process is certainly gone. Where that can't be told, such as for a process of
   * another container, it is not.
   */
  boolean isGone() {
    try {
      if (currentPidNamespace() != pidNamespace) {
        return false;
      }
      if (!Processes.exists(pid)) {
        return true;
      }
      String[] stat = stat(pid);
      boolean dead = stat[0].equals("Z") || stat[0].equals("X");
      return dead || Long.parseLong(stat[START_TIME_FIELD]) != startTicks;
    } catch (IOException | RuntimeException e) {
      // Its /proc entry is hidden from us, or it ended just now: the next start will tell.
      return false;
    }
  }

  private static long currentPidNamespace() throws IOException {
    String link = Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString();
    return Long.parseLong(link.substring(link.indexOf('[') + 1, link.indexOf(']')));
  }

  private static String[] stat(int pid) throws IOException {
    String line = Files.readString(Path.of("/proc", Integer.toString(pid), "stat"));
    // The name may hold spaces and parentheses; the last one ends it.
    return line.substring(line.lastIndexOf(')') + 2).trim().split(" ", -1);
  }

  @Override
  public String toString() {
    return pidNamespace + "/" + pid + "/" + startTicks;
  }
}
