package dev.outboard.integration.figures;

import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.integration.UserException;
import dev.outboard.integration.compare.CoreState;
import dev.outboard.integration.compare.CpuTime;
import dev.outboard.integration.compare.Progress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Measures all points of the figures in turns: starts everything once with as many microVMs as the
 * largest point needs, warms up, then measures each point once a round, in an order drawn anew; the
 * others sleep meanwhile. Called once by the command, on its thread.
 */
public final class Figures {
  private static final double LONGEST_WARM_UP_SECONDS = 0.4;
  private static final int IDLE_MILLIS = 500;
  private static final int[] MESSAGES = {1472, 1473};
  private static final int LAST_WHOLE_SEGMENT = 1448;
  private static final int FIRST_CUT_SEGMENT = 1450;

  private final FiguresSettings wanted;
  private final Class<?> daemon;
  private final Progress progress;
  private final Random random = new Random();
  private FiguresSettings settings;

  /**
   * Prepares it; starts nothing.
   *
   * @param daemon the main class that understands {@code run}
   */
  public Figures(FiguresSettings wanted, Class<?> daemon, Progress progress) {
    this.wanted = wanted;
    this.daemon = daemon;
    this.progress = progress;
  }

  /** Runs it to the end; whatever happens, nothing is left of it. */
  public FiguresReport run() throws UserException, InterruptedException {
    try (Hosts hosts =
        wanted.remote() == null ? new LocalHosts(daemon) : new RemoteHosts(wanted.remote())) {
      Thread hook = new Thread(hosts::close, "figures-end");
      Runtime.getRuntime().addShutdownHook(hook);
      Map<FigureArm, Bed> beds = new EnumMap<>(FigureArm.class);
      try {
        Reach reach = hosts.reach(wanted);
        settings = wanted.upTo(reach.most());
        return run(hosts, beds, reach.why());
      } finally {
        beds.values().forEach(Bed::close);
        forget(hook);
      }
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

  private FiguresReport run(Hosts hosts, Map<FigureArm, Bed> beds, String stopped)
      throws UserException, InterruptedException {
    Instant started = Instant.now();
    List<Cell> cells = cells();
    progress.begin(1 + settings.arms().size() + cells.size() * settings.rounds());
    progress.step("start");
    for (FigureArm arm : settings.arms()) {
      beds.put(arm, Bed.start(arm, settings.most(), hosts));
    }
    for (Bed bed : beds.values()) {
      bed.open();
    }
    for (Bed bed : beds.values()) {
      bed.greet();
    }
    for (Bed bed : beds.values()) {
      progress.step("warm up " + bed.arm().label());
      warmUp(bed, cells);
    }
    double idle = idleCpus(hosts);
    List<Point> points = new ArrayList<>();
    for (int round = 1; round <= settings.rounds(); round++) {
      List<Cell> order = new ArrayList<>(cells);
      Collections.shuffle(order, random);
      for (Cell cell : order) {
        progress.step("round %d of %d, %s".formatted(round, settings.rounds(), cell.arm().label()));
        points.add(measure(beds.get(cell.arm()), cell, round, hosts));
      }
    }
    return FiguresReport.of(
        FiguresSetUp.of(settings, hosts, started, idle, stopped, points), cells, points);
  }

  /** Each way and kind of load, so that all is compiled, and bridges know everybody. */
  private void warmUp(Bed bed, List<Cell> cells) throws UserException {
    double seconds = Math.min(LONGEST_WARM_UP_SECONDS, 2 * settings.seconds());
    for (Cell cell : cells) {
      boolean isMost = cell.vms() == settings.most();
      if (cell.arm() == bed.arm() && (isMost || cell.vms() == 1)) {
        Bed.Result _ = bed.run(cell, isMost ? seconds : seconds / 2);
      }
    }
  }

  private static double idleCpus(Hosts hosts) throws UserException, InterruptedException {
    List<CpuTime> start = hosts.work();
    Thread.sleep(IDLE_MILLIS);
    List<CpuTime> end = hosts.work();
    return busy(start, end) / end.getFirst().wallSince(start.getFirst());
  }

  /** Seconds of work of all machines. */
  private static double busy(List<CpuTime> start, List<CpuTime> end) {
    double seconds = 0;
    for (int i = 0; i < start.size(); i++) {
      seconds += end.get(i).busySince(start.get(i));
    }
    return seconds;
  }

  /** All points of the figures that were asked for. */
  private List<Cell> cells() {
    List<Cell> cells = new ArrayList<>();
    for (FigureArm arm : settings.arms()) {
      for (Configuration way : arm.configurations()) {
        for (int count : settings.counts()) {
          if (settings.figures().contains(FigureLoad.THROUGHPUT.figure())) {
            cells.add(new Cell(arm, way, count, FigureLoad.THROUGHPUT));
          }
          if (settings.figures().contains(FigureLoad.LATENCY.figure())) {
            cells.add(new Cell(arm, way, count, FigureLoad.LATENCY));
          }
        }
        for (FigureLoad load : sizes()) {
          if (settings.figures().contains(load.figure())
              && (!load.needsGuests() || way == Configuration.VM_VM)) {
            cells.add(new Cell(arm, way, 1, load));
          }
        }
      }
    }
    return cells;
  }

  /** Messages that just fit in a frame, and messages that just do not. */
  private static List<FigureLoad> sizes() {
    List<FigureLoad> loads = new ArrayList<>();
    for (int bytes : MESSAGES) {
      loads.add(FigureLoad.message(bytes));
    }
    loads.add(FigureLoad.segment(LAST_WHOLE_SEGMENT, true));
    loads.add(FigureLoad.segment(FIRST_CUT_SEGMENT, true));
    loads.add(FigureLoad.segment(FIRST_CUT_SEGMENT, false));
    return loads;
  }

  private Point measure(Bed bed, Cell cell, int round, Hosts hosts)
      throws UserException, InterruptedException {
    final Map<String, Long> dropsBefore = bed.drops();
    final double coresBefore = hosts.coreNanos();
    List<CpuTime> start = hosts.work();
    Bed.Result result = bed.run(cell, settings.seconds());
    List<CpuTime> end = hosts.work();
    CoreState state = CoreState.between(coresBefore, hosts.coreNanos());
    Map<String, Long> drops = new TreeMap<>();
    bed.drops()
        .forEach(
            (reason, count) -> {
              long more = count - dropsBefore.getOrDefault(reason, 0L);
              if (more != 0) {
                drops.put(reason, more);
              }
            });
    JsonNode asked = result.asked();
    boolean stream = cell.load().stream();
    double seconds = asked.path("seconds").asDouble();
    long dropped = drops.values().stream().mapToLong(Long::longValue).sum();
    // Parts of one count as one; were any missing, its message would not be answered.
    long received =
        cell.load().mayComeInParts()
            ? Math.min(result.received(), result.sent() - dropped)
            : result.received();
    return new Point(
        cell.load().figure(),
        cell.arm().label(),
        cell.configuration().label(),
        cell.vms(),
        cell.load().name(),
        round,
        state,
        seconds,
        stream ? result.answered().path("bytes_received").asLong() * 8 / seconds / 1e9 : null,
        stream ? null : asked.path("p50_ns").asLong() / 1e3,
        stream ? null : asked.path("p99_ns").asLong() / 1e3,
        asked.path("messages").asLong(),
        asked.path("messages").asLong() / seconds,
        busy(start, end),
        end.getFirst().wallSince(start.getFirst()),
        result.sent(),
        received,
        drops,
        result.sent() - received - dropped,
        result.corrupt());
  }
}
