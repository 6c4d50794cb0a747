package dev.outboard.integration.compare;

import dev.outboard.integration.UserException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One arm with its processes, from start to end. Used by {@link Comparison}, by one thread. */
final class RunningArm implements AutoCloseable {

  private final Arm arm;
  private final CompareSettings settings;
  private final Cpus cpus;
  private final Path directory;

  /** Null on one host. */
  private TwoHosts hosts;

  /** None, one of both guests, or one of each. */
  private final List<Sidecar> sidecars = new ArrayList<>();

  private LoadProcess load;

  private RunningArm(Arm arm, CompareSettings settings, Cpus cpus, Path directory) {
    this.arm = arm;
    this.settings = settings;
    this.cpus = cpus;
    this.directory = directory;
  }

  /** Starts the first of its processes; {@link #attach} comes next. */
  static RunningArm start(
      Arm arm, CompareSettings settings, Class<?> main, Cpus cpus, Path directory)
      throws UserException {
    RunningArm running = new RunningArm(arm, settings, cpus, directory);
    try {
      running.start(main);
      return running;
    } catch (UserException e) {
      running.close();
      throw e;
    }
  }

  private void start(Class<?> main) throws UserException {
    if (settings.topology() == Topology.TWO_HOST) {
      hosts = TwoHosts.create(arm, settings.linkRate());
    }
    if (!arm.hasSidecar()) {
      startLoad(
          hosts == null
              ? List.of("network=here")
              : List.of(
                  "a.network=" + hosts.files().getFirst(),
                  "b.network=" + hosts.files().getLast(),
                  arm == Arm.HOST ? "link=" + TwoHosts.LINK : "bridge=" + TwoHosts.BRIDGE));
    } else if (hosts == null) {
      sidecars.add(Sidecar.start(SidecarPlan.oneHost(arm, cpus), main, directory));
    } else {
      String secrets = ArmSecrets.make(arm, directory);
      for (int i = 0; i < 2; i++) {
        SidecarPlan plan = SidecarPlan.twoHosts(arm, settings.dpdk(), hosts, i, cpus, secrets);
        sidecars.add(Sidecar.start(plan, main, directory));
      }
    }
  }

  private void startLoad(List<String> more) throws UserException {
    List<String> words = new ArrayList<>(List.of("arm=" + arm.load()));
    for (Guests.Guest guest : Guests.BOTH) {
      words.add(guest.id() + ".mac=" + guest.mac());
      words.add(guest.id() + ".ip=" + guest.address());
    }
    words.add("queue=" + Guests.RING);
    words.add("a.cpu=" + cpus.first());
    words.add("b.cpu=" + cpus.second());
    words.addAll(more);
    load = LoadProcess.start("guests of arm " + arm.label(), directory, words);
  }

  /** Attaches the guests, starts those that wait for it. */
  void attach() throws UserException {
    if (sidecars.isEmpty()) {
      return;
    }
    for (Sidecar sidecar : sidecars) {
      sidecar.awaitReady();
    }
    List<String> words = new ArrayList<>();
    for (int i = 0; i < Guests.BOTH.size(); i++) {
      Sidecar sidecar = sidecars.get(Math.min(i, sidecars.size() - 1));
      Guests.Guest guest = Guests.BOTH.get(i);
      words.add(guest.id() + ".socket=" + sidecar.attach(guest));
    }
    if (hosts != null) {
      words.add("driving=apart");
    }
    startLoad(words);
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
      for (Load kind : List.of(Load.RTT, Load.SMALL, Load.LARGE)) {
        Measured _ = run(kind, seconds / 2, 0);
      }
    }
  }

  /** The same for the load with a fixed rate. */
  void warmUp(long pace, double seconds) throws UserException {
    Measured _ = run(Load.PACED, seconds, pace);
  }

  /** How many requests of 64 bytes are answered in a second when the asker does not wait. */
  double capacity(double seconds) throws UserException {
    Measured _ = run(Load.CAPACITY, seconds, 0);
    return run(Load.CAPACITY, seconds, 0).figure("frames_per_second");
  }

  private Measured run(Load kind, double seconds, long rate) throws UserException {
    return Measured.run(load, kind.command(settings.topology(), seconds, rate), seconds);
  }

  /**
   * One turn: the loads, with the state of the processors around each.
   *
   * @param pace requests a second of the load with a fixed rate; 0: without that load
   */
  Turn turn(int round, int position, long pace) throws UserException, InterruptedException {
    Map<String, Long> before = drops();
    long countedBefore = counted();
    List<Double> cores = new ArrayList<>(List.of(CoreState.measure(cpus)));
    List<Measured> all = new ArrayList<>();
    for (Load kind : List.of(Load.RTT, Load.SMALL, Load.LARGE)) {
      all.add(run(kind, settings.seconds(), 0));
      cores.add(CoreState.measure(cpus));
    }
    if (pace > 0) {
      all.add(run(Load.PACED, settings.seconds(), pace));
      cores.add(CoreState.measure(cpus));
    }
    return turn(round, position, cores, all, less(drops(), before), counted() - countedBefore);
  }

  private Turn turn(
      int round,
      int position,
      List<Double> cores,
      List<Measured> all,
      Map<String, Long> drops,
      long counted) {
    Measured rtt = all.get(0);
    Measured small = all.get(1);
    Measured large = all.get(2);
    Measured paced = all.size() > 3 ? all.get(3) : null;
    return new Turn(
        round,
        position,
        List.copyOf(cores),
        CoreState.between(cores.get(0), cores.get(1)),
        CoreState.between(cores.get(1), cores.get(2)),
        CoreState.between(cores.get(2), cores.get(3)),
        paced == null ? null : CoreState.between(cores.get(3), cores.get(4)),
        rtt.rtt(),
        paced == null ? null : paced.rtt(),
        rtt.figure("frames_per_second"),
        small.figure("frames_per_second"),
        large.figure("frames_per_second"),
        large.figure("gbit_per_second"),
        new Turn.Work(small.busy(), small.wall(), small.count("received")),
        paced == null ? null : new Turn.Work(paced.busy(), paced.wall(), paced.count("received")),
        large.busy(),
        large.wall(),
        large.count("bytes"),
        sum(all, "sent") + sum(all, "peer_sent"),
        sum(all, "received") + sum(all, "peer_received") + sum(all, "drained"),
        drops,
        sidecars.isEmpty() ? -1 : counted,
        sum(all, "corrupt"));
  }

  private static long sum(List<Measured> loads, String key) {
    return loads.stream().mapToLong(load -> load.count(key)).sum();
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
    long counted = 0;
    for (Sidecar sidecar : sidecars) {
      counted += sidecar.counts().sent();
    }
    return counted;
  }

  /** Drops so far, by reason: those of the sidecars, and those that only the kernel knows of. */
  private Map<String, Long> drops() throws UserException {
    if (arm == Arm.DPDK) {
      DpdkDriver.settle();
    }
    Map<String, Long> drops = new TreeMap<>();
    for (long pid : networks()) {
      add(drops, KernelDrops.of(pid, arm));
    }
    for (Sidecar sidecar : sidecars) {
      add(drops, sidecar.counts().drops());
    }
    if (hosts != null) {
      add(drops, hosts.drops());
    }
    return drops;
  }

  private static void add(Map<String, Long> drops, Map<String, Long> more) {
    more.forEach((reason, count) -> drops.merge(reason, count, Long::sum));
  }

  /** The networks that frames go through, each by a process in it. */
  private List<Long> networks() {
    if (arm == Arm.LOCAL) {
      return List.of();
    }
    if (hosts != null) {
      return hosts.pids();
    }
    return sidecars.isEmpty() ? load.pids() : List.of(sidecars.getFirst().pid());
  }

  @Override
  public void close() {
    if (load != null) {
      load.close();
    }
    sidecars.forEach(Sidecar::close);
    if (hosts != null) {
      hosts.close();
    }
  }
}
