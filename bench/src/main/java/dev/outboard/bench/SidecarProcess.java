package dev.outboard.bench;

import dev.outboard.engine.Engine;
import dev.outboard.engine.EngineSettings;
import dev.outboard.engine.GuestStatus;
import dev.outboard.isolation.Shared;
import dev.outboard.linux.Processes;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A sidecar with one kind of notifier in a process of its own, so that what it costs can be told
 * from what its guests cost. The parent writes a line, it answers with one.
 */
final class SidecarProcess {
  private static final Path TASKS = Path.of("/proc/self/task");

  /** The kernel cuts names after 15 characters. */
  private static final String WORKER = "outboard-worker";

  private static final int HEAD_OF_LINE_MICROS = 100;
  private static final long PATIENCE_NANOS = 60_000_000_000L;

  private final Engine engine;
  private final Path directory;
  private final Path worker;

  private SidecarProcess(NotifierKind kind, Path directory, int cpu, int pollMicros, int most)
      throws Exception {
    this.directory = directory;
    long _ = Processes.raiseOpenFileLimit();
    engine =
        Engine.start(
            new EngineSettings(1, List.of(cpu), pollMicros, HEAD_OF_LINE_MICROS, most),
            new Shared(),
            kind.provider(),
            System.err::println);
    worker = worker();
  }

  /** The kernel's view of the worker's thread, which names itself soon after its start. */
  private static Path worker() throws IOException, InterruptedException {
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (System.nanoTime() < end) {
      try (Stream<Path> tasks = Files.list(TASKS)) {
        for (Path task : tasks.toList()) {
          if (isWorker(task)) {
            return task;
          }
        }
      }
      Thread.sleep(5);
    }
    throw new IOException("no thread is named " + WORKER);
  }

  private static boolean isWorker(Path task) {
    try {
      return Files.readString(task.resolve("comm")).strip().equals(WORKER);
    } catch (IOException e) {
      // A thread that has ended meanwhile.
      return false;
    }
  }

  /** Words of a command; its answer. */
  private String answer(String[] words) throws Exception {
    return switch (words[0]) {
      case "attach" -> attach(Integer.parseInt(words[1]), Integer.parseInt(words[2]));
      case "running" -> running(Integer.parseInt(words[1]));
      case "figures" -> figures().stream().map(String::valueOf).collect(Collectors.joining(" "));
      case "memory" -> Long.toString(memory());
      case "heap" -> Long.toString(heap());
      case "state" ->
          GuestState.of(engine).stream()
              .map(GuestState.Part::line)
              .collect(Collectors.joining(";"));
      default -> throw new IOException("unknown: " + Arrays.toString(words));
    };
  }

  private String attach(int from, int to) throws Exception {
    for (int i = from; i < to; i++) {
      List<String> _ = engine.attach(Guests.spec(i, directory, Optional.empty()));
    }
    return "attached";
  }

  private String running(int guests) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (engine.guests().stream().filter(g -> g.state() == GuestStatus.State.RUNNING).count()
        < guests) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("not all guests run");
      }
      Thread.sleep(5);
    }
    return "running";
  }

  /** Thread number, its processor time, calls, system calls for them, sleeps, loops. */
  private List<Long> figures() throws IOException {
    Engine.WorkerStatus status = engine.workers().getFirst();
    List<Long> figures = new ArrayList<>();
    figures.add(Long.parseLong(worker.getFileName().toString()));
    figures.add(Long.parseLong(Files.readString(worker.resolve("schedstat")).split(" ", -1)[0]));
    figures.add(status.calls());
    figures.add(status.callSystemCalls());
    figures.add(status.sleeps());
    figures.add(status.loops());
    return figures;
  }

  /** Bytes of memory that are this process's own: guests' memory, which is shared, is not. */
  private static long memory() throws IOException {
    System.gc();
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("RssAnon:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
        .sum();
  }

  /** Bytes of the heap that live. */
  private static long heap() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  /** Arguments: kind, directory, the worker's processor, how long to poll, how many guests. */
  public static void main(String[] args) throws Exception {
    // The engine's threads would keep a process alive whose parent waits for an answer.
    Thread.currentThread()
        .setUncaughtExceptionHandler(
            (thread, failure) -> {
              failure.printStackTrace();
              System.exit(1);
            });
    String[] words = Child.wordsAfterBirth(args);
    SidecarProcess process =
        new SidecarProcess(
            NotifierKind.valueOf(words[0]),
            Path.of(words[1]),
            Integer.parseInt(words[2]),
            Integer.parseInt(words[3]),
            Integer.parseInt(words[4]));
    BufferedReader requests =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    System.out.println("ready");
    for (String line = requests.readLine(); line != null; line = requests.readLine()) {
      System.out.println(process.answer(line.split(" ", -1)));
    }
    process.engine.close();
  }
}
