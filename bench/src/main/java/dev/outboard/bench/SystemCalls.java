package dev.outboard.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.OptionalDouble;

/** Counts a thread's system calls by {@code perf}, which does not slow it down as strace would. */
final class SystemCalls {
  private static final String EVENT = "raw_syscalls:sys_enter";

  private final Process perf;
  private final double seconds;

  /** Starts to count for so many seconds. */
  SystemCalls(long thread, double seconds) throws IOException {
    this.seconds = seconds;
    perf =
        new ProcessBuilder(
                "perf",
                "stat",
                "-x",
                ",",
                "-e",
                EVENT,
                "-t",
                Long.toString(thread),
                "--",
                "sleep",
                Double.toString(seconds))
            .redirectErrorStream(true)
            .start();
  }

  /** Whether this host has it and lets us. */
  static boolean areCountable() {
    try {
      ProcessHandle self = ProcessHandle.current();
      return new SystemCalls(self.pid(), 0.01).perSecond().isPresent();
    } catch (IOException e) {
      return false;
    }
  }

  /** A thread that slept all the time is "not counted". */
  private OptionalDouble perSecond(String count) {
    if (count.matches("[0-9]+")) {
      return OptionalDouble.of(Long.parseLong(count) / seconds);
    }
    return count.equals("<not counted>") ? OptionalDouble.of(0) : OptionalDouble.empty();
  }

  /** Waits for the end: how many there were in a second, empty if that can't be told. */
  OptionalDouble perSecond() throws IOException {
    OptionalDouble found = OptionalDouble.empty();
    try (BufferedReader lines = perf.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.contains(EVENT)) {
          found = perSecond(line.split(",", -1)[0]);
        }
      }
    }
    return found;
  }
}
