package dev.outboard.bench;

import dev.outboard.guest.Cores;
import dev.outboard.linux.Threads;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;

/**
 * Has sidecars with each kind of notifier carry the same loads, in turns whose order is drawn anew
 * each round. All are there all the time with all their guests; who has no turn is silent.
 */
final class NotifierBench implements AutoCloseable {
  private static final double CORES_SECONDS = 0.004;

  /** The load goes on for so much longer than it is counted. */
  private static final double MARGIN_SECONDS = 0.5;

  private static final int WARM_UP_ROUNDS = 3;

  private final Settings settings;
  private final PrintWriter progress;
  private final Random random = new Random(1);
  private final List<NotifierArm> arms = new ArrayList<>();
  private final int driverCpu;
  private final int workerCpu;
  private final List<Double> coreNanos = new ArrayList<>();

  /**
   * What is asked for.
   *
   * @param idle numbers of idle guests, ascending; the loads run with the last
   * @param active guests that send now and then
   * @param counting seconds for which system calls are counted, for each kind and load
   */
  record Settings(List<Integer> idle, int active, int rounds, double seconds, double counting) {}

  /**
   * What was found of one kind.
   *
   * @param loads by kind of load, a result for each round
   * @param systemCalls of the worker for each delivered frame; empty where they can't be counted
   * @param sleepy with each number of idle guests, a result for each round of the sleepy load
   * @param idleCpu share of a processor, with each number of idle guests, while all are silent
   * @param memory bytes of the sidecar's own memory, with each number of idle guests
   */
  record Found(
      NotifierKind kind,
      Map<NotifierLoad.Kind, List<NotifierLoad.Result>> loads,
      Map<NotifierLoad.Kind, OptionalDouble> systemCalls,
      List<List<NotifierLoad.Result>> sleepy,
      List<Double> idleCpu,
      List<Long> memory) {
    static Found nothing(NotifierKind kind) {
      Map<NotifierLoad.Kind, List<NotifierLoad.Result>> loads =
          new EnumMap<>(NotifierLoad.Kind.class);
      for (NotifierLoad.Kind load : NotifierLoad.Kind.values()) {
        loads.put(load, new ArrayList<>());
      }
      return new Found(
          kind,
          loads,
          new EnumMap<>(NotifierLoad.Kind.class),
          new ArrayList<>(),
          new ArrayList<>(),
          new ArrayList<>());
    }
  }

  private record Entry(NotifierArm arm, Found found) {}

  NotifierBench(Path directory, Settings settings, PrintWriter progress) throws IOException {
    this.settings = settings;
    this.progress = progress;
    int[] cpus = Threads.allowedCpus();
    driverCpu = cpus[0];
    workerCpu = cpus[cpus.length > 1 ? 1 : 0];
    int most = settings.idle.getLast() + settings.active + NotifierLoad.PAIR;
    try {
      for (NotifierKind kind : NotifierKind.values()) {
        arms.add(
            new NotifierArm(
                kind, directory.resolve(kind.name()), driverCpu, workerCpu, settings.active, most));
      }
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /** What the machine was like: nanoseconds from core to core and back, for each round. */
  List<Double> coreNanos() {
    return coreNanos;
  }

  List<Found> run() throws IOException, InterruptedException {
    List<Entry> entries = new ArrayList<>();
    for (NotifierArm arm : arms) {
      arm.grow(0);
      entries.add(new Entry(arm, Found.nothing(arm.kind())));
    }
    for (int round = 0; round < WARM_UP_ROUNDS; round++) {
      for (NotifierLoad.Kind load : NotifierLoad.Kind.values()) {
        for (Entry entry : entries) {
          var _ = entry.arm.run(load, settings.seconds);
        }
      }
    }
    for (int idle : settings.idle) {
      withIdle(entries, idle);
    }
    for (NotifierLoad.Kind load : NotifierLoad.Kind.values()) {
      say("load: " + load.text());
      for (int round = 0; round < settings.rounds; round++) {
        measureCores();
        Collections.shuffle(entries, random);
        for (Entry entry : entries) {
          entry.found.loads.get(load).add(entry.arm.run(load, settings.seconds));
        }
      }
    }
    countSystemCalls(entries);
    return entries.stream()
        .map(Entry::found)
        .sorted((one, other) -> one.kind.compareTo(other.kind))
        .toList();
  }

  private void withIdle(List<Entry> entries, int idle) throws IOException, InterruptedException {
    say("idle guests: " + idle);
    for (Entry entry : entries) {
      entry.arm.grow(idle);
      entry.found.sleepy.add(new ArrayList<>());
      entry.found.memory.add(entry.arm.memory());
    }
    for (int round = 0; round < settings.rounds; round++) {
      measureCores();
      Collections.shuffle(entries, random);
      for (Entry entry : entries) {
        entry.found.sleepy.getLast().add(entry.arm.run(NotifierLoad.Kind.SLEEPY, settings.seconds));
      }
    }
    for (Entry entry : entries) {
      long before = entry.arm.cpuNanos();
      long start = System.nanoTime();
      Thread.sleep((long) (settings.seconds * 2000));
      long cpu = entry.arm.cpuNanos() - before;
      entry.found.idleCpu.add((double) cpu / (System.nanoTime() - start));
    }
  }

  private void countSystemCalls(List<Entry> entries) throws IOException {
    boolean countable = SystemCalls.areCountable();
    say(countable ? "counting system calls" : "system calls are not counted: that needs perf");
    for (NotifierLoad.Kind load : NotifierLoad.Kind.values()) {
      for (Entry entry : entries) {
        OptionalDouble calls = OptionalDouble.empty();
        if (countable) {
          SystemCalls counter = new SystemCalls(entry.arm.thread(), settings.counting);
          NotifierLoad.Result result = entry.arm.run(load, settings.counting + MARGIN_SECONDS);
          OptionalDouble counted = counter.perSecond();
          double frames = result.frames() / result.seconds();
          if (counted.isPresent()) {
            calls = OptionalDouble.of(counted.getAsDouble() / frames);
          }
        }
        entry.found.systemCalls.put(load, calls);
      }
    }
  }

  private void measureCores() {
    if (driverCpu != workerCpu) {
      coreNanos.add(Cores.roundTripNanos(driverCpu, workerCpu, CORES_SECONDS));
    }
  }

  private void say(String line) {
    progress.println(line);
    progress.flush();
  }

  @Override
  public void close() {
    say("clearing away");
    arms.forEach(NotifierArm::close);
    arms.clear();
  }
}
