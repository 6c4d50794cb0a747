package dev.outboard.e2e;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.integration.compare.CoreState;
import dev.outboard.integration.compare.Cpus;
import dev.outboard.integration.statistics.PairedComparison;
import dev.outboard.integration.statistics.Statistics;
import dev.outboard.lab.GuestConfig;
import dev.outboard.lab.Iperf3;
import dev.outboard.lab.Lab;
import dev.outboard.lab.LinuxGuest;
import dev.outboard.lab.Namespace;
import dev.outboard.lab.Processes;
import dev.outboard.lab.Sockperf;
import dev.outboard.lab.Testpmd;
import dev.outboard.lab.ThreadTimes;
import dev.outboard.lab.UmlGuest;
import dev.outboard.lab.VhostRelay;
import dev.outboard.testing.LongTier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two Linux guests under UML on two processors, over the sidecar's shared memory and over DPDK's
 * vhost library, in turns: iperf3's TCP, sockperf's ping-pong, and the processor time of guests and
 * back-end. The library polls, and so takes a processor from the guests; the sidecar waits.
 *
 * <p>Each arm has a pair of guests of its own, alike in all but the socket. The library is given
 * what makes it fastest: huge pages, and guests that may send super-frames ({@code tso=1}; its
 * other options made no difference); it has an arm that polls on the second processor and one that
 * the scheduler places. The back-ends are stopped but in their turns. {@code OUTBOARD_LOCAL=} and
 * {@code OUTBOARD_VHOST=} in the environment compare settings: lines of the configuration, and
 * options of net_vhost with the processor behind an @, separated by semicolons.
 */
class LocalBesideVhostTest {
  private static final int ROUNDS = Integer.parseInt(environment("ROUNDS", "9"));
  private static final String[] LOCAL = environment("LOCAL", ";poll-micros: 300").split(";", -1);
  private static final String[] VHOST = environment("VHOST", "tso=1@1;tso=1@any").split(";", -1);

  /** sockperf leaves the first half second out of its figures. */
  private static final int SECONDS = 2;

  private static final int WARM_UP = 2;
  private static final int MESSAGE = 64;

  @TempDir Path folder;

  private static String environment(String name, String otherwise) {
    return System.getenv().getOrDefault("OUTBOARD_" + name, otherwise);
  }

  private record Arm(String name, LinuxGuest one, LinuxGuest two, ProcessHandle backend) {}

  /** One measurement; the times of processors are seconds while one stream ran. */
  private record Turn(
      Iperf3 stream,
      double senderTime,
      double receiverTime,
      double backendTime,
      Iperf3 streams,
      Sockperf udp,
      Sockperf tcp,
      CoreState state) {}

  private record Figure(String name, ToDoubleFunction<Turn> of) {}

  private static final Figure THROUGHPUT = new Figure("Gbit/s", turn -> turn.stream.gbits());
  private static final Figure BACKEND_TIME = new Figure("back-end s", Turn::backendTime);
  private static final List<Figure> FIGURES =
      List.of(
          THROUGHPUT,
          new Figure("of 4 streams", turn -> turn.streams.gbits()),
          new Figure("UDP avg", turn -> turn.udp.average()),
          new Figure("UDP p50", turn -> turn.udp.p50()),
          new Figure("UDP p99", turn -> turn.udp.p99()),
          new Figure("TCP avg", turn -> turn.tcp.average()),
          new Figure("TCP p50", turn -> turn.tcp.p50()),
          new Figure("TCP p99", turn -> turn.tcp.p99()),
          new Figure("retransmitted", turn -> turn.stream.retransmits()),
          new Figure("sender s", Turn::senderTime),
          new Figure("receiver s", Turn::receiverTime),
          BACKEND_TIME);

  @LongTier("local-beside-vhost")
  void sharedMemoryMovesNoLessAndTakesLessProcessorTime() throws Exception {
    Lab.require();
    List<AutoCloseable> open = new ArrayList<>();
    try {
      List<Arm> ours = new ArrayList<>();
      List<Arm> theirs = new ArrayList<>();
      for (String configuration : LOCAL) {
        ours.add(local(configuration, open));
      }
      for (String options : VHOST) {
        theirs.add(vhost(options, open));
      }
      Map<String, List<Turn>> turns = measure(ours, theirs);
      report(turns, ours, theirs);
      for (Arm arm : theirs) {
        Statistics.Interval moved = ratio(turns, ours.getFirst(), arm, THROUGHPUT);
        assertTrue(moved.high() >= 1, arm.name + ": " + moved);
        Statistics.Interval taken = ratio(turns, ours.getFirst(), arm, BACKEND_TIME);
        assertTrue(taken.high() < 1, arm.name + ": " + taken);
      }
    } finally {
      for (AutoCloseable each : open.reversed()) {
        each.close();
      }
    }
  }

  private Arm local(String configuration, List<AutoCloseable> open) throws Exception {
    Path place = Files.createDirectory(folder.resolve("local" + open.size()));
    Namespace network = Namespace.create();
    open.add(network);
    Sidecar sidecar = new Sidecar(place, network, configuration + "\n");
    open.add(sidecar);
    LinuxGuest[] guests = new LinuxGuest[2];
    for (int n = 1; n <= 2; n++) {
      GuestConfig guest = GuestConfig.of(n);
      guests[n - 1] = UmlGuest.vhostUser(guest, sidecar.attach(guest.name(), "--mac", guest.mac()));
      open.add(guests[n - 1]);
    }
    return ready("local " + configuration, guests, sidecar.process());
  }

  private Arm vhost(String spec, List<AutoCloseable> open) throws Exception {
    Path place = Files.createDirectory(folder.resolve("vhost" + open.size()));
    Path[] sockets = {place.resolve("1"), place.resolve("2")};
    int at = spec.indexOf('@');
    Testpmd.Options options =
        Testpmd.Options.DEFAULT.onHugePages().withDevice(spec.substring(0, at));
    String cpu = spec.substring(at + 1);
    Testpmd backend =
        Testpmd.vhost(
            cpu.equals("any") ? options.onAnyCpu() : options.onCpu(Integer.parseInt(cpu)), sockets);
    open.add(backend);
    LinuxGuest[] guests = new LinuxGuest[2];
    for (int n = 1; n <= 2; n++) {
      VhostRelay relay = new VhostRelay(place.resolve("relay" + n), sockets[n - 1], VhostRelay.UML);
      open.add(relay);
      guests[n - 1] = UmlGuest.vhostUser(GuestConfig.of(n), relay.path());
      open.add(guests[n - 1]);
    }
    guests[0].awaitReady();
    guests[1].awaitReady();
    backend.command("start"); // only now: its polling slows the boot down
    return ready("dpdk-vhost " + spec, guests, backend.process());
  }

  private static Arm ready(String name, LinuxGuest[] guests, ProcessHandle backend) {
    Arm arm = new Arm(name.strip(), guests[0], guests[1], backend);
    arm.one.awaitReady();
    arm.two.awaitReady();
    Traffic.ping(arm.one, arm.two);
    System.out.println("figure: " + arm.name + ": features from bit 0 on " + features(arm.one));
    Sockperf.serve(arm.two);
    Iperf3.serve(arm.two);
    signal("-STOP", arm);
    return arm;
  }

  private static String features(LinuxGuest guest) {
    return guest.run("cat /sys/class/net/eth0/device/features").strip();
  }

  private static void signal(String signal, Arm arm) {
    String _ = Processes.run("kill", signal, Long.toString(arm.backend.pid()));
  }

  private static Map<String, List<Turn>> measure(List<Arm> ours, List<Arm> theirs)
      throws Exception {
    List<Arm> arms = new ArrayList<>(ours);
    arms.addAll(theirs);
    Map<String, List<Turn>> turns = new TreeMap<>();
    Random random = new Random();
    Cpus cpus = Cpus.choose();
    for (int round = 0; round < WARM_UP + ROUNDS; round++) {
      Collections.shuffle(arms, random);
      for (Arm arm : arms) {
        Turn turn = turn(arm, cpus);
        System.out.printf(
            "round %d: %s: %s; processors %s%n",
            round - WARM_UP + 1, arm.name, figures(f -> f.of.applyAsDouble(turn)), turn.state);
        if (round >= WARM_UP) {
          turns.computeIfAbsent(arm.name, _ -> new ArrayList<>()).add(turn);
        }
      }
    }
    return turns;
  }

  private static Turn turn(Arm arm, Cpus cpus) throws InterruptedException {
    String address = arm.two.config().address();
    double before = CoreState.measure(cpus);
    signal("-CONT", arm);
    double sender = ThreadTimes.total(arm.one.process());
    double receiver = ThreadTimes.total(arm.two.process());
    double backend = ThreadTimes.total(arm.backend);
    Iperf3 stream = Iperf3.tcp(arm.one, address, SECONDS);
    sender = ThreadTimes.total(arm.one.process()) - sender;
    receiver = ThreadTimes.total(arm.two.process()) - receiver;
    backend = ThreadTimes.total(arm.backend) - backend;
    Iperf3 streams = Iperf3.run(arm.one, address, SECONDS, "-P 4");
    Sockperf udp = Sockperf.udp(arm.one, address, MESSAGE, SECONDS);
    Sockperf tcp = Sockperf.tcp(arm.one, address, MESSAGE, SECONDS);
    signal("-STOP", arm);
    CoreState state = CoreState.between(before, CoreState.measure(cpus));
    return new Turn(stream, sender, receiver, backend, streams, udp, tcp, state);
  }

  private static void report(Map<String, List<Turn>> turns, List<Arm> ours, List<Arm> theirs) {
    System.out.printf(
        "figure: two UML guests, %d rounds in random order, medians; half round trips in us;"
            + " processor seconds during %d s of one TCP stream%n",
        ROUNDS, SECONDS);
    turns.forEach(
        (name, list) ->
            System.out.println(
                "figure: "
                    + name
                    + ": "
                    + figures(f -> median(list, f))
                    + "; turns by state of the processors: "
                    + states(list)));
    for (Arm arm : ours) {
      for (Arm peer : theirs) {
        System.out.println(
            "figure: "
                + arm.name
                + " / "
                + peer.name
                + ": "
                + FIGURES.stream()
                    .map(f -> f.name + " " + text(ratio(turns, arm, peer, f)))
                    .collect(Collectors.joining(", ")));
      }
    }
  }

  private static String figures(ToDoubleFunction<Figure> value) {
    return FIGURES.stream()
        .map(f -> String.format(Locale.ROOT, "%s %.2f", f.name, value.applyAsDouble(f)))
        .collect(Collectors.joining(", "));
  }

  private static String states(List<Turn> turns) {
    return Arrays.stream(CoreState.values())
        .map(state -> state.label() + " " + turns.stream().filter(t -> t.state == state).count())
        .collect(Collectors.joining(", "));
  }

  private static double median(List<Turn> turns, Figure figure) {
    return Statistics.median(turns.stream().mapToDouble(figure.of).toArray());
  }

  /** The median of the rounds' ratios, with its 95 % bounds by bootstrap. */
  private static Statistics.Interval ratio(
      Map<String, List<Turn>> turns, Arm ours, Arm theirs, Figure figure) {
    List<PairedComparison.Pair> pairs = new ArrayList<>();
    for (int i = 0; i < ROUNDS; i++) {
      pairs.add(
          new PairedComparison.Pair(
              figure.of.applyAsDouble(turns.get(ours.name).get(i)),
              figure.of.applyAsDouble(turns.get(theirs.name).get(i))));
    }
    return PairedComparison.of(pairs).ratio();
  }

  private static String text(Statistics.Interval ratio) {
    return String.format(
        Locale.ROOT, "%.2f [%.2f, %.2f]", ratio.median(), ratio.low(), ratio.high());
  }
}
