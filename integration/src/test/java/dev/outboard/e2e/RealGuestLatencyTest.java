package dev.outboard.e2e;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.integration.statistics.PairedComparison;
import dev.outboard.integration.statistics.Statistics;
import dev.outboard.lab.GuestConfig;
import dev.outboard.lab.Iperf3;
import dev.outboard.lab.Lab;
import dev.outboard.lab.LinuxGuest;
import dev.outboard.lab.Namespace;
import dev.outboard.lab.QemuGuest;
import dev.outboard.lab.Sockperf;
import dev.outboard.lab.ThreadTimes;
import dev.outboard.lab.UmlGuest;
import dev.outboard.testing.LongTier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real guests over the sidecar's shared memory against others over TAPs, in turns within one run,
 * and where the processor time of a message goes. The figure asked for is the 99th percentile: half
 * the round trip of a UDP message of 64 bytes. QEMU has TAPs of its own, so it is the legacy
 * baseline; but it emulates, and what its guests do takes most of the time. UML is nearly native
 * and has no TAP of its own that is fair, so its baseline is the sidecar's TAP and bridge.
 *
 * <p>{@code OUTBOARD_POLLS=0,20,50} in the environment compares settings of {@code poll-micros} in
 * the same run.
 */
class RealGuestLatencyTest {
  private static final int ROUNDS = Integer.parseInt(environment("ROUNDS", "15"));
  private static final List<String> POLLS = List.of(environment("POLLS", "50").split(",", -1));

  /** sockperf leaves the first half second out of its figures. */
  private static final int SECONDS = 2;

  private static final int WARM_UP = 2;
  private static final String[] OVER_UPLINK = {"--uplink", "tap", "--local-forwarding", "off"};

  @TempDir Path folder;

  private static String environment(String name, String otherwise) {
    return System.getenv().getOrDefault("OUTBOARD_" + name, otherwise);
  }

  private record Arm(String name, LinuxGuest one, LinuxGuest two, List<ProcessHandle> processes) {}

  private record Turn(Sockperf udp, Sockperf tcp, double gbits, Map<String, Double> cpu) {}

  @LongTier("real-guest-latency")
  void sharedMemoryHasTheLower99thPercentile() throws Exception {
    Lab.require();
    List<AutoCloseable> open = new ArrayList<>();
    try {
      List<Arm> arms = new ArrayList<>();
      Namespace network = Namespace.create();
      open.add(network);
      network.bridge("br0", "tap1", "tap2");
      arms.add(
          arm(
              "QEMU tap",
              QemuGuest.tap(GuestConfig.of(1), network, "tap1"),
              QemuGuest.tap(GuestConfig.of(2), network, "tap2"),
              open));
      for (String poll : POLLS) {
        arms.add(qemuLocal(network, poll, open));
      }
      arms.add(uml(network, "UML tuntap", OVER_UPLINK, open));
      arms.add(uml(network, "UML local", new String[0], open));
      Map<String, List<Turn>> turns = measure(arms);
      report(turns);
      assertTrue(
          median(turns.get("UML local"), RealGuestLatencyTest::p99)
              < median(turns.get("UML tuntap"), RealGuestLatencyTest::p99));
    } finally {
      for (AutoCloseable each : open.reversed()) {
        each.close();
      }
    }
  }

  private Arm qemuLocal(Namespace network, String poll, List<AutoCloseable> open) throws Exception {
    Path place = Files.createDirectory(folder.resolve("poll-" + poll));
    Sidecar sidecar = new Sidecar(place, network, "poll-micros: " + poll + "\n");
    open.add(sidecar);
    LinuxGuest[] guests = new LinuxGuest[2];
    for (int n = 1; n <= 2; n++) {
      GuestConfig guest = GuestConfig.of(n);
      guests[n - 1] =
          QemuGuest.vhostUser(guest, sidecar.attach(guest.name(), "--mac", guest.mac()));
    }
    Arm arm = arm("QEMU local-" + poll, guests[0], guests[1], open);
    arm.processes.add(sidecar.process());
    return arm;
  }

  private Arm uml(Namespace network, String name, String[] options, List<AutoCloseable> open)
      throws Exception {
    Path place = Files.createDirectory(folder.resolve(name.replace(' ', '-')));
    Sidecar sidecar = new Sidecar(place, network, "uplinks: {tap: {transport: tuntap}}\n");
    open.add(sidecar);
    LinuxGuest[] guests = new LinuxGuest[2];
    for (int n = 1; n <= 2; n++) {
      GuestConfig guest = GuestConfig.of(n);
      List<String> words = new ArrayList<>(List.of("--mac", guest.mac()));
      words.addAll(List.of(options));
      guests[n - 1] =
          UmlGuest.vhostUser(guest, sidecar.attach(guest.name(), words.toArray(String[]::new)));
    }
    Arm arm = arm(name, guests[0], guests[1], open);
    arm.processes.add(sidecar.process());
    return arm;
  }

  private static Arm arm(String name, LinuxGuest one, LinuxGuest two, List<AutoCloseable> open) {
    open.add(one);
    open.add(two);
    return new Arm(name, one, two, new ArrayList<>(List.of(one.process(), two.process())));
  }

  private static Map<String, List<Turn>> measure(List<Arm> arms) {
    for (Arm arm : arms) {
      arm.one.awaitReady();
      arm.two.awaitReady();
      Traffic.ping(arm.one, arm.two);
      Sockperf.serve(arm.two);
      Iperf3.serve(arm.two);
    }
    Map<String, List<Turn>> turns = new TreeMap<>();
    Random random = new Random();
    for (int round = 0; round < WARM_UP + ROUNDS; round++) {
      List<Arm> order = new ArrayList<>(arms);
      Collections.shuffle(order, random);
      for (Arm arm : order) {
        String address = arm.two.config().address();
        Map<String, Double> before = ThreadTimes.byName(arm.processes);
        Sockperf udp = Sockperf.udp(arm.one, address, 64, SECONDS);
        Map<String, Double> used = ThreadTimes.byName(arm.processes);
        before.forEach((thread, seconds) -> used.merge(thread, -seconds, Double::sum));
        used.replaceAll((thread, seconds) -> seconds * 1e6 / udp.messages());
        Sockperf tcp = Sockperf.tcp(arm.one, address, 64, SECONDS);
        double gbits = Iperf3.tcp(arm.one, address, 1).gbits();
        if (round >= WARM_UP) {
          turns
              .computeIfAbsent(arm.name, n -> new ArrayList<>())
              .add(new Turn(udp, tcp, gbits, used));
        }
      }
    }
    return turns;
  }

  private static double p99(Turn turn) {
    return turn.udp.p99();
  }

  private static void report(Map<String, List<Turn>> turns) {
    System.out.printf(
        "figure: real guests, %d rounds in random order, medians; half round trips in us%n",
        ROUNDS);
    turns.forEach(
        (name, list) ->
            System.out.printf(
                "figure: %-13s UDP p50 %.0f p99 %.0f  TCP p50 %.0f p99 %.0f  %.2f Gbit/s%n",
                name,
                median(list, t -> t.udp.p50()),
                median(list, RealGuestLatencyTest::p99),
                median(list, t -> t.tcp.p50()),
                median(list, t -> t.tcp.p99()),
                median(list, Turn::gbits)));
    for (String poll : POLLS) {
      compare(turns, "QEMU local-" + poll, "QEMU tap");
    }
    compare(turns, "UML local", "UML tuntap");
    turns.forEach(
        (name, list) -> {
          Map<String, Double> sum = new TreeMap<>();
          list.forEach(t -> t.cpu.forEach((thread, us) -> sum.merge(thread, us, Double::sum)));
          StringBuilder text = new StringBuilder();
          sum.forEach(
              (thread, us) -> {
                if (us / list.size() >= 1) {
                  text.append(" %s %.0f".formatted(thread, us / list.size()));
                }
              });
          System.out.println("figure: " + name + ", processor us per UDP message:" + text);
        });
  }

  private static void compare(Map<String, List<Turn>> turns, String name, String other) {
    List<Turn> mine = turns.get(name);
    List<Turn> theirs = turns.get(other);
    System.out.printf(
        "figure: %s / %s, pairs: UDP p50 %s, UDP p99 %s, TCP p50 %s, TCP p99 %s, Gbit/s %s%n",
        name,
        other,
        ratio(mine, theirs, t -> t.udp.p50()),
        ratio(mine, theirs, RealGuestLatencyTest::p99),
        ratio(mine, theirs, t -> t.tcp.p50()),
        ratio(mine, theirs, t -> t.tcp.p99()),
        ratio(mine, theirs, Turn::gbits));
  }

  private static double median(List<Turn> turns, ToDoubleFunction<Turn> figure) {
    return Statistics.median(turns.stream().mapToDouble(figure).toArray());
  }

  /** The median of the rounds' ratios, with its 95 % bounds by bootstrap. */
  private static String ratio(List<Turn> mine, List<Turn> theirs, ToDoubleFunction<Turn> figure) {
    List<PairedComparison.Pair> pairs = new ArrayList<>();
    for (int i = 0; i < mine.size(); i++) {
      pairs.add(
          new PairedComparison.Pair(
              figure.applyAsDouble(mine.get(i)), figure.applyAsDouble(theirs.get(i))));
    }
    Statistics.Interval ratio = PairedComparison.of(pairs).ratio();
    return "%.2f [%.2f, %.2f]".formatted(ratio.median(), ratio.low(), ratio.high());
  }
}
