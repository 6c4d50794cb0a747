package dev.outboard.integration.compare;

import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.integration.UserException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One arm with its processes, from start to end. Used by {@link Comparison}, by one thread. */
final class RunningArm implements AutoCloseable {
  private static final double NANOS_PER_MICRO = 1000;

  private final Arm arm;
  private final Cpus cpus;
  private final Path directory;
  private Sidecar sidecar;
  private LoadProcess load;

  private RunningArm(Arm arm, Cpus cpus, Path directory) {
    this.arm = arm;
    this.cpus = cpus;
    this.directory = directory;
  }

  /** Starts the first of its processes; {@link #awaitReady} comes next. */
  static RunningArm start(Arm arm, Class<?> main, Cpus cpus, Path directory) throws UserException {
    RunningArm running = new RunningArm(arm, cpus, directory);
    if (arm.hasSidecar()) {
      running.sidecar = Sidecar.start(arm, main, cpus, directory);
    } else {
      running.startLoad(List.of("network=here"));
    }
    return running;
  }

  private void startLoad(List<String> more) throws UserException {
    List<String> settings = new ArrayList<>(List.of("arm=" + arm.load()));
    for (Guests.Guest guest : Guests.BOTH) {
      settings.add(guest.id() + ".mac=" + guest.mac());
      settings.add(guest.id() + ".ip=" + guest.address());
    }
    settings.add("queue=" + Guests.RING);
    settings.add("a.cpu=" + cpus.first());
    settings.add("b.cpu=" + cpus.second());
    settings.addAll(more);
    load = LoadProcess.start("guests of arm " + arm.label(), directory, settings);
  }

  /** Attaches the guests, starts those that wait for it. */
  void attach() throws UserException {
    if (sidecar != null) {
      sidecar.awaitReady();
      List<String> sockets = new ArrayList<>();
      for (Guests.Guest guest : Guests.BOTH) {
        sockets.add(guest.id() + ".socket=" + sidecar.attach(guest));
      }
      startLoad(sockets);
    }
  }

  void awaitReady() throws UserException {
    load.awaitReady();
  }

  Arm arm() {
    return arm;
  }

  /** Has everything compiled that the first round would otherwise wait for. */
  void warmUp(double seconds) throws UserException {
    for (int i = 0; i < 2; i++) {
      for (Load kind : Load.values()) {
        JsonNode _ = load.run(kind.command(seconds / 2), seconds);
      }
    }
  }

  /** One turn: the three loads, with the state of the processors around each. */
  Turn turn(int round, int position, double seconds) throws UserException, InterruptedException {
    Map<String, Long> before = drops();
    long countedBefore = counted();
    double[] cores = new double[Load.values().length + 1];
    cores[0] = CoreState.measure(cpus);
    JsonNode rtt = load.run(Load.RTT.command(seconds), seconds);
    cores[1] = CoreState.measure(cpus);
    JsonNode small = load.run(Load.SMALL.command(seconds), seconds);
    cores[2] = CoreState.measure(cpus);
    CpuTime start = CpuTime.now();
    JsonNode large = load.run(Load.LARGE.command(seconds), seconds);
    CpuTime end = CpuTime.now();
    cores[3] = CoreState.measure(cpus);
    List<JsonNode> all = List.of(rtt, small, large);
    return new Turn(
        round,
        position,
        List.of(cores[0], cores[1], cores[2], cores[3]),
        CoreState.between(cores[0], cores[1]),
        CoreState.between(cores[1], cores[2]),
        CoreState.between(cores[2], cores[3]),
        rtt(rtt.path("rtt_ns")),
        rtt.path("frames_per_second").asDouble(),
        small.path("frames_per_second").asDouble(),
        large.path("frames_per_second").asDouble(),
        large.path("gbit_per_second").asDouble(),
        end.busySince(start),
        end.wallSince(start),
        large.path("bytes").asLong(),
        sum(all, "sent") + sum(all, "peer_sent"),
        sum(all, "received") + sum(all, "peer_received") + sum(all, "drained"),
        less(drops(), before),
        sidecar == null ? -1 : counted() - countedBefore,
        sum(all, "corrupt"));
  }

  private static Turn.Rtt rtt(JsonNode nanos) {
    return new Turn.Rtt(
        nanos.path("p50").asDouble() / NANOS_PER_MICRO,
        nanos.path("p99").asDouble() / NANOS_PER_MICRO,
        nanos.path("p999").asDouble() / NANOS_PER_MICRO);
  }

  private static long sum(List<JsonNode> loads, String key) {
    return loads.stream().mapToLong(load -> load.path(key).asLong()).sum();
  }

  private static Map<String, Long> less(Map<String, Long> after, Map<String, Long> before) {
    Map<String, Long> difference = new TreeMap<>();
    after.forEach(
        (reason, count) -> {
          long more = count - before.getOrDefault(reason, 0L);
          if (more != 0) {
            difference.put(reason, more);
          }
        });
    return difference;
  }

  private long counted() throws UserException {
    return sidecar == null ? 0 : sidecar.counts().sent();
  }

  /** Drops so far, by reason: those of a sidecar, and those that only the kernel knows of. */
  private Map<String, Long> drops() throws UserException {
    Map<String, Long> drops = new TreeMap<>();
    if (arm != Arm.LOCAL) {
      for (long pid : sidecar == null ? load.pids() : List.of(sidecar.pid())) {
        KernelDrops.of(pid, arm).forEach((k, count) -> drops.merge(k, count, Long::sum));
      }
    }
    if (sidecar != null) {
      sidecar.counts().drops().forEach((k, count) -> drops.merge(k, count, Long::sum));
    }
    return drops;
  }

  @Override
  public void close() {
    if (load != null) {
      load.close();
    }
    if (sidecar != null) {
      sidecar.close();
    }
  }
}
