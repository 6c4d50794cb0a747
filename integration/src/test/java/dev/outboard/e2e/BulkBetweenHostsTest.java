package dev.outboard.e2e;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.integration.compare.CoreState;
import dev.outboard.integration.compare.Cpus;
import dev.outboard.integration.statistics.PairedComparison;
import dev.outboard.integration.statistics.Statistics;
import dev.outboard.lab.GuestConfig;
import dev.outboard.lab.Iperf3;
import dev.outboard.lab.JoinedNamespaces;
import dev.outboard.lab.Lab;
import dev.outboard.lab.LinuxGuest;
import dev.outboard.lab.Processes;
import dev.outboard.lab.SecretFile;
import dev.outboard.lab.Sockperf;
import dev.outboard.lab.UmlGuest;
import dev.outboard.testing.LongTier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;

/**
 * Bulk TCP between two hosts, in turns: a Linux guest on each behind a sidecar, by each transport
 * that uses the kernel's sockets or its bridge, and iperf3 between the hosts themselves. Guests
 * send super-frames of 64 KiB, which is what {@code kernel-tcp} carries whole.
 *
 * <p>Each arm has its own hosts, wire and guests; sidecars are stopped but in their turns. A second
 * of processor time is one of the whole machine, guests, sidecars and kernel together.
 */
class BulkBetweenHostsTest {
  private static final int ROUNDS =
      Integer.parseInt(System.getenv().getOrDefault("OUTBOARD_ROUNDS", "11"));
  private static final int SECONDS = 2;
  private static final int WARM_UP = 2;
  private static final int MESSAGE = 64;
  private static final int TICKS_PER_SECOND = 100;

  @TempDir Path folder;

  private enum Way {
    KERNEL_TCP,
    KERNEL_TCP_TLS,
    IOURING,
    TUNTAP,
    HOST;

    String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    String uplink(JoinedNamespaces hosts, int host, Path secret, Path credentials) {
      String address = "address: " + hosts.address(host);
      return switch (this) {
        case KERNEL_TCP -> "transport: kernel-tcp, " + address + ", secret-file: " + secret;
        case KERNEL_TCP_TLS ->
            "transport: kernel-tcp, %s, tls: on, certificate: %2$s.pem, authorities: %2$s.pem, private-key: %2$s.key"
                .formatted(address, credentials);
        case IOURING -> "transport: iouring, " + address;
        default -> "transport: tuntap, bridge.device: " + JoinedNamespaces.LINK;
      };
    }
  }

  /** Who sends by a way, and to whom. */
  private interface Ends {
    Iperf3 stream(String options);

    Sockperf pingPong();

    /** What is stopped but in its turns. */
    List<ProcessHandle> sidecars();

    /** What was lost on the way, by reason. */
    String drops();
  }

  private record Turn(
      double gbits, double per, double gbitsOf4, double perOf4, Sockperf ping, CoreState state) {}

  private record Figure(String name, ToDoubleFunction<Turn> of) {}

  private static final Figure PER = new Figure("Gbit/CPU s", Turn::per);
  private static final List<Figure> FIGURES =
      List.of(
          new Figure("Gbit/s", Turn::gbits),
          PER,
          new Figure("of 4 streams", Turn::gbitsOf4),
          new Figure("of 4 streams a CPU s", Turn::perOf4),
          new Figure("TCP p50", turn -> turn.ping.p50()),
          new Figure("TCP p99", turn -> turn.ping.p99()));

  @LongTier("bulk-between-hosts")
  void superFramesThatGoWholeCostTheLeastOfAllSockets() throws Exception {
    Lab.require();
    List<AutoCloseable> open = new ArrayList<>();
    try {
      Map<Way, Ends> arms = new EnumMap<>(Way.class);
      for (Way way : Way.values()) {
        arms.put(way, way == Way.HOST ? host(open) : guests(way, open));
      }
      Map<Way, List<Turn>> turns = measure(arms);
      report(turns);
      arms.forEach(
          (way, ends) -> System.out.println("drops: " + way.label() + ": " + ends.drops()));
      Statistics.Interval ratio = ratio(turns, Way.KERNEL_TCP, Way.IOURING, PER);
      assertTrue(ratio.high() >= 1, ratio.toString());
    } finally {
      for (AutoCloseable each : open.reversed()) {
        each.close();
      }
    }
  }

  private Ends host(List<AutoCloseable> open) {
    JoinedNamespaces hosts = JoinedNamespaces.create(1500);
    open.add(hosts);
    String address = hosts.address(1);
    for (List<String> server :
        List.of(List.of("iperf3", "-s"), List.of("sockperf", "server", "--tcp", "-i", address))) {
      Process process = Processes.start(hosts.host(1).enter(server), Map.of());
      open.add(() -> Processes.kill(process));
    }
    return new Ends() {
      @Override
      public Iperf3 stream(String options) {
        List<String> words = new ArrayList<>(List.of("iperf3", "-J", "-c", address));
        words.addAll(List.of("-t", Integer.toString(SECONDS)));
        words.addAll(options.isEmpty() ? List.of() : List.of("-P", options));
        return Iperf3.parse(hosts.host(0).run(words.toArray(String[]::new)));
      }

      @Override
      public Sockperf pingPong() {
        return Sockperf.parse(
            hosts
                .host(0)
                .run("sockperf", "ping-pong", "--tcp", "-i", address, "-m", "64", "-t", "2"));
      }

      @Override
      public List<ProcessHandle> sidecars() {
        return List.of();
      }

      @Override
      public String drops() {
        return "not counted";
      }
    };
  }

  private Ends guests(Way way, List<AutoCloseable> open) throws Exception {
    // Room for an envelope where there is one.
    JoinedNamespaces hosts = JoinedNamespaces.create(way == Way.IOURING ? 1600 : 1500);
    open.add(hosts);
    Path place = Files.createDirectory(folder.resolve(way.label()));
    Path secret = SecretFile.in(place);
    Path credentials = credentials(place, hosts);
    List<Sidecar> sidecars = new ArrayList<>();
    List<LinuxGuest> guests = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      String uplink = "uplinks: {way: {" + way.uplink(hosts, i, secret, credentials) + "}}\n";
      GuestConfig far = GuestConfig.of(2 - i);
      String remote =
          """
          remotes:
            - {id: far, network: 1, mac: '%s', addresses: ['%s', '%s'], uplink: way, endpoint: %s}
          """
              .formatted(far.mac(), far.address(), far.address6(), hosts.address(1 - i));
      Path home = Files.createDirectory(place.resolve("host" + i));
      Sidecar sidecar =
          new Sidecar(home, hosts.host(i), way == Way.TUNTAP ? uplink : uplink + remote);
      open.add(sidecar);
      sidecars.add(sidecar);
      GuestConfig guest = GuestConfig.of(i + 1);
      List<String> words = new ArrayList<>(List.of("--mac", guest.mac(), "--frontend", "uml"));
      words.addAll(List.of("--ip", guest.address(), "--ip", guest.address6()));
      words.addAll(way == Way.TUNTAP ? List.of("--uplink", "way") : List.of());
      Path socket = sidecar.attach(guest.name(), words.toArray(String[]::new));
      LinuxGuest linux = UmlGuest.vhostUser(guest, socket);
      open.add(linux);
      guests.add(linux);
    }
    guests.forEach(LinuxGuest::awaitReady);
    LinuxGuest from = guests.get(0);
    String address = guests.get(1).config().address();
    Traffic.ping(from, guests.get(1));
    Iperf3.serve(guests.get(1));
    Sockperf.serve(guests.get(1));
    List<ProcessHandle> processes = sidecars.stream().map(Sidecar::process).toList();
    signal("-STOP", processes);
    return new Ends() {
      @Override
      public Iperf3 stream(String options) {
        return Iperf3.run(from, address, SECONDS, options.isEmpty() ? "" : "-P " + options);
      }

      @Override
      public Sockperf pingPong() {
        return Sockperf.tcp(from, address, MESSAGE, SECONDS);
      }

      @Override
      public List<ProcessHandle> sidecars() {
        return processes;
      }

      @Override
      public String drops() {
        signal("-CONT", processes);
        return sidecars.stream()
            .map(Sidecar::stats)
            .map(
                stats ->
                    stats.at("/uplinks/0/drops") + " and " + stats.at("/guests/0/counters/drops"))
            .collect(Collectors.joining("; "));
      }
    };
  }

  /** A certificate of both hosts, which vouches for itself. */
  private static Path credentials(Path place, JoinedNamespaces hosts) {
    Path credentials = place.resolve("hosts");
    List<String> words = new ArrayList<>(List.of("openssl", "req", "-x509", "-nodes"));
    words.addAll(List.of("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"));
    words.addAll(List.of("-subj", "/CN=hosts", "-days", "2", "-addext"));
    words.add("subjectAltName=IP:%s,IP:%s".formatted(hosts.address(0), hosts.address(1)));
    words.addAll(List.of("-keyout", credentials + ".key", "-out", credentials + ".pem"));
    String _ = Processes.run(words.toArray(String[]::new));
    return credentials;
  }

  private static void signal(String signal, List<ProcessHandle> processes) {
    for (ProcessHandle each : processes) {
      String _ = Processes.run("kill", signal, Long.toString(each.pid()));
    }
  }

  private static Map<Way, List<Turn>> measure(Map<Way, Ends> arms) throws Exception {
    Map<Way, List<Turn>> turns = new EnumMap<>(Way.class);
    List<Way> order = new ArrayList<>(arms.keySet());
    Random random = new Random();
    Cpus cpus = Cpus.choose();
    for (int round = 0; round < WARM_UP + ROUNDS; round++) {
      Collections.shuffle(order, random);
      for (Way way : order) {
        Turn turn = turn(arms.get(way), cpus);
        System.out.printf(
            "round %d: %s: %s; processors %s%n",
            round - WARM_UP + 1, way.label(), words(f -> f.of.applyAsDouble(turn)), turn.state);
        if (round >= WARM_UP) {
          turns.computeIfAbsent(way, _ -> new ArrayList<>()).add(turn);
        }
      }
    }
    return turns;
  }

  private static Turn turn(Ends ends, Cpus cpus) throws Exception {
    double before = CoreState.measure(cpus);
    signal("-CONT", ends.sidecars());
    double start = busySeconds();
    Iperf3 one = ends.stream("");
    double middle = busySeconds();
    Iperf3 four = ends.stream("4");
    double end = busySeconds();
    Sockperf ping = ends.pingPong();
    signal("-STOP", ends.sidecars());
    CoreState state = CoreState.between(before, CoreState.measure(cpus));
    return new Turn(
        one.gbits(),
        one.gbits() * SECONDS / (middle - start),
        four.gbits(),
        four.gbits() * SECONDS / (end - middle),
        ping,
        state);
  }

  /** What all processors have worked so far, but for what the hypervisor took. */
  private static double busySeconds() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/stat"))) {
      String[] all = lines.findFirst().orElseThrow().split(" +", -1);
      // user, nice, system, idle, iowait, irq, softirq
      return Stream.of(1, 2, 3, 6, 7).mapToDouble(i -> Double.parseDouble(all[i])).sum()
          / TICKS_PER_SECOND;
    }
  }

  private static void report(Map<Way, List<Turn>> turns) {
    System.out.printf(
        "figure: UML guests on two hosts, %d rounds in random order, medians; half round trips in"
            + " us; a CPU s is one of the whole machine%n",
        ROUNDS);
    turns.forEach(
        (way, list) ->
            System.out.printf(
                "figure: %s: %s; turns by state of the processors: %s%n",
                way.label(),
                words(f -> Statistics.median(list.stream().mapToDouble(f.of).toArray())),
                list.stream().collect(Collectors.groupingBy(Turn::state, Collectors.counting()))));
    for (Way peer : Way.values()) {
      if (peer != Way.KERNEL_TCP) {
        System.out.printf(
            "figure: kernel-tcp / %s: %s%n",
            peer.label(),
            FIGURES.stream()
                .map(f -> f.name + " " + text(ratio(turns, Way.KERNEL_TCP, peer, f)))
                .collect(Collectors.joining(", ")));
      }
    }
  }

  private static String words(ToDoubleFunction<Figure> value) {
    return FIGURES.stream()
        .map(f -> String.format(Locale.ROOT, "%s %.2f", f.name, value.applyAsDouble(f)))
        .collect(Collectors.joining(", "));
  }

  /** The median of the rounds' ratios, with its 95 % bounds by bootstrap. */
  private static Statistics.Interval ratio(
      Map<Way, List<Turn>> turns, Way ours, Way peer, Figure figure) {
    List<PairedComparison.Pair> pairs = new ArrayList<>();
    for (int i = 0; i < ROUNDS; i++) {
      pairs.add(
          new PairedComparison.Pair(
              figure.of.applyAsDouble(turns.get(ours).get(i)),
              figure.of.applyAsDouble(turns.get(peer).get(i))));
    }
    return PairedComparison.of(pairs).ratio();
  }

  private static String text(Statistics.Interval ratio) {
    return String.format(
        Locale.ROOT, "%.2f [%.2f, %.2f]", ratio.median(), ratio.low(), ratio.high());
  }
}
