package dev.outboard.integration.compare;

import dev.outboard.integration.UserException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Runs all arms on this machine, in turns: starts everything, lets each arm warm up, then has all
 * of them do the same in each round, in an order drawn anew. Called once by the command, on its
 * thread.
 */
public final class Comparison {
  private static final double WARM_UP_SECONDS = 0.8;
  private static final double WARM_UP_PER_SECOND = 3;
  private static final int IDLE_MILLIS = 500;

  /** Of what the slowest arm is able to: so much is asked of each, at a fixed rate. */
  private static final double PACE = 0.5;

  private final CompareSettings settings;
  private final Class<?> daemon;
  private final Progress progress;
  private final Random random = new Random();

  /**
   * Prepares one; starts nothing.
   *
   * @param daemon the main class that understands {@code run}
   */
  public Comparison(CompareSettings settings, Class<?> daemon, Progress progress) {
    this.settings = settings;
    this.daemon = daemon;
    this.progress = progress;
  }

  /** Runs it to the end; whatever happens, nothing is left of it. */
  public Report run() throws UserException, InterruptedException {
    Host.check(settings);
    Cpus cpus = Cpus.choose();
    RunDirectory directory = RunDirectory.create();
    List<RunningArm> running = new ArrayList<>();
    Thread hook = new Thread(directory::close, "compare-end");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      return run(cpus, directory, running);
    } finally {
      running.forEach(RunningArm::close);
      directory.close();
      forget(hook);
    }
  }

  private static void forget(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is ending, and the hook does its work.
      return;
    }
  }

  private Report run(Cpus cpus, RunDirectory directory, List<RunningArm> running)
      throws UserException, InterruptedException {
    Instant started = Instant.now();
    int arms = settings.arms().size();
    progress.begin(1 + arms * (settings.rounds() + 1) + 2);
    progress.step("start");
    for (Arm arm : settings.arms()) {
      running.add(RunningArm.start(arm, settings, daemon, cpus, directory.path()));
    }
    for (RunningArm arm : running) {
      arm.attach();
    }
    for (RunningArm arm : running) {
      arm.awaitReady();
    }
    double warmUp = Math.min(WARM_UP_SECONDS, WARM_UP_PER_SECOND * settings.seconds());
    for (RunningArm arm : running) {
      progress.step("warm up " + arm.arm().label());
      arm.warmUp(warmUp);
    }
    long pace = settings.topology() == Topology.TWO_HOST ? pace(running, warmUp / 2) : 0;
    progress.step("idle");
    double idle = idleCpus();
    Map<Arm, List<Turn>> turns = rounds(running, pace);
    progress.step("idle");
    idle = (idle + idleCpus()) / 2;
    return report(started, cpus, idle, pace, turns);
  }

  /** Requests a second that each arm can answer with ease. */
  private static long pace(List<RunningArm> running, double seconds) throws UserException {
    double least = Double.POSITIVE_INFINITY;
    for (RunningArm arm : running) {
      least = Math.min(least, arm.capacity(seconds));
    }
    long pace = Math.max(1, (long) (PACE * least));
    for (RunningArm arm : running) {
      arm.warmUp(pace, 2 * seconds);
    }
    return pace;
  }

  /** How many processors are busy while nothing is asked of anybody. */
  private static double idleCpus() throws UserException, InterruptedException {
    CpuTime start = CpuTime.now();
    Thread.sleep(IDLE_MILLIS);
    CpuTime end = CpuTime.now();
    return end.busySince(start) / end.wallSince(start);
  }

  private Map<Arm, List<Turn>> rounds(List<RunningArm> running, long pace)
      throws UserException, InterruptedException {
    Map<Arm, List<Turn>> turns = new EnumMap<>(Arm.class);
    running.forEach(arm -> turns.put(arm.arm(), new ArrayList<>()));
    for (int round = 1; round <= settings.rounds(); round++) {
      List<RunningArm> order = new ArrayList<>(running);
      Collections.shuffle(order, random);
      for (RunningArm arm : order) {
        progress.step("round " + round + " of " + settings.rounds() + ", " + arm.arm().label());
        int position = order.indexOf(arm) + 1;
        turns.get(arm.arm()).add(arm.turn(round, position, pace));
      }
    }
    return turns;
  }

  private Report report(
      Instant started, Cpus cpus, double idle, long pace, Map<Arm, List<Turn>> turns) {
    List<ArmReport> arms = new ArrayList<>();
    List<Ratio> ratios = new ArrayList<>();
    Arm first = settings.arms().getFirst();
    for (Arm arm : settings.arms()) {
      arms.add(ArmReport.of(arm, settings.topology(), turns.get(arm), idle));
      if (arm != first) {
        ratios.addAll(Ratio.of(first.label(), turns.get(first), arm.label(), turns.get(arm), idle));
      }
    }
    Host host = Host.of(settings, started, cpus, idle, pace, List.copyOf(turns.values()));
    return new Report(host, arms, ratios);
  }
}
