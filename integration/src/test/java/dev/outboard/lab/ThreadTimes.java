package dev.outboard.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Processor time of running processes and all below them, by the names of their threads. */
public final class ThreadTimes {
  private static final int TICKS_PER_SECOND = 100;

  private ThreadTimes() {}

  /** Seconds so far, of each name. */
  public static Map<String, Double> byName(List<ProcessHandle> processes) {
    Map<String, Double> seconds = new TreeMap<>();
    for (ProcessHandle process : processes) {
      Stream.concat(Stream.of(process), process.descendants()).forEach(p -> addThreads(p, seconds));
    }
    return seconds;
  }

  /** Seconds so far, of all threads of a process and those below it. */
  public static double total(ProcessHandle process) {
    return byName(List.of(process)).values().stream().mapToDouble(Double::doubleValue).sum();
  }

  private static void addThreads(ProcessHandle process, Map<String, Double> seconds) {
    try (Stream<Path> tasks = Files.list(Path.of("/proc/" + process.pid() + "/task"))) {
      for (Path task : tasks.toList()) {
        String stat = Files.readString(task.resolve("stat"));
        int nameEnd = stat.lastIndexOf(')');
        String name = stat.substring(stat.indexOf('(') + 1, nameEnd);
        String[] fields = stat.substring(nameEnd + 2).split(" ", -1);
        double ticks = Double.parseDouble(fields[11]) + Double.parseDouble(fields[12]);
        seconds.merge(name.replace(' ', '-'), ticks / TICKS_PER_SECOND, Double::sum);
      }
    } catch (IOException e) {
      // A thread or process that has ended; its time is not asked for.
    }
  }
}
