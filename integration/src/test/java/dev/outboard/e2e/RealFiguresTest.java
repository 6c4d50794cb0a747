package dev.outboard.e2e;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.lab.GuestConfig;
import dev.outboard.lab.Iperf3;
import dev.outboard.lab.JoinedNamespaces;
import dev.outboard.lab.Lab;
import dev.outboard.lab.LinuxGuest;
import dev.outboard.lab.Namespace;
import dev.outboard.lab.Processes;
import dev.outboard.lab.QemuGuest;
import dev.outboard.lab.Sockperf;
import dev.outboard.testing.LongTier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The paper's figures 2 and 3 with real Linux guests, iperf3 and sockperf, for as few guests as two
 * processors emulate: {@code outboard figures} has stand-in guests, and none of what a guest's own
 * kernel and its exits cost. Prints lines that begin with "figure:".
 */
@Timeout(1500)
final class RealFiguresTest {
  private static final int PAIRS = 2;
  private static final int SECONDS = 3;
  private static final int BYTES = 14;
  private static final String BRIDGE = "br0";
  private static final String LOOP = "while true; do iperf3 -s -1 >/dev/null 2>&1; done";

  @TempDir private Path directory;
  private final List<AutoCloseable> open = new ArrayList<>();
  private Figure host;

  /** Between so many pairs at once. */
  private record Figure(double gbits, double roundTrip, double messages) {}

  /** How the guests of two hosts are joined. */
  private enum Arm {
    /** Each VMM has a TAP on the host's bridge. */
    VMM_TAP,
    TUNTAP,
    IOURING
  }

  @BeforeAll
  static void needsGuests() {
    Lab.require();
  }

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
    open.clear();
  }

  private <T extends AutoCloseable> T opened(T resource) {
    open.add(resource);
    return resource;
  }

  @LongTier("real-figures")
  void oneAndTwoPairsOfLinuxGuestsOverEachWay() throws Exception {
    hosts();
    for (Arm arm : Arm.values()) {
      guests(arm);
      closeAll();
    }
  }

  private void hosts() throws Exception {
    JoinedNamespaces hosts = opened(JoinedNamespaces.create(1500));
    Namespace far = hosts.host(1);
    Process tcp = Processes.start(far.enter(List.of("sh", "-c", LOOP)), Map.of());
    opened(() -> Processes.kill(tcp));
    Process udp =
        Processes.start(far.enter(List.of("sockperf", "server", "-i", hosts.address(1))), Map.of());
    opened(() -> Processes.kill(udp));
    Thread.sleep(500);
    Namespace near = hosts.host(0);
    String address = hosts.address(1);
    String time = Integer.toString(SECONDS);
    Sockperf small =
        Sockperf.parse(
            near.run("sockperf", "ping-pong", "-i", address, "-m", "" + BYTES, "-t", time));
    Iperf3 large = Iperf3.parse(near.run("iperf3", "-J", "-i", "0", "-c", address, "-t", time));
    host = new Figure(large.gbits(), 2 * small.p50(), (double) small.messages() / SECONDS);
    say("host host-host", 1, host);
    closeAll();
  }

  private void guests(Arm arm) throws Exception {
    JoinedNamespaces hosts = opened(JoinedNamespaces.create(arm == Arm.IOURING ? 1600 : 1500));
    List<List<LinuxGuest>> guests = List.of(new ArrayList<>(), new ArrayList<>());
    List<Function<GuestConfig, LinuxGuest>> makers = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      makers.add(maker(arm, hosts, i));
    }
    for (int pair = 0; pair < PAIRS; pair++) {
      for (int i = 0; i < 2; i++) {
        guests.get(i).add(opened(makers.get(i).apply(config(i, pair))));
      }
      // Not more than two at once: an emulated boot takes long.
      guests.get(0).get(pair).awaitReady();
      guests.get(1).get(pair).awaitReady();
    }
    for (LinuxGuest server : guests.get(1)) {
      Iperf3.serve(server);
      Sockperf.serve(server);
    }
    for (int count = 1; count <= PAIRS; count++) {
      List<LinuxGuest> asking = guests.get(0).subList(0, count);
      List<LinuxGuest> answering = guests.get(1).subList(0, count);
      List<Sockperf> small =
          all(asking, answering, (a, b) -> Sockperf.udp(a, b.config().address(), BYTES, SECONDS));
      List<Iperf3> large =
          all(asking, answering, (a, b) -> Iperf3.tcp(a, b.config().address(), SECONDS));
      double roundTrip = small.stream().mapToDouble(s -> 2 * s.p50()).average().orElseThrow();
      double messages = small.stream().mapToDouble(Sockperf::messages).sum() / SECONDS;
      double gbits = large.stream().mapToDouble(Iperf3::gbits).sum();
      assertTrue(gbits > 0 && messages > 0 && roundTrip > 0);
      String name = arm.name().toLowerCase(Locale.ROOT).replace('_', '-');
      say(name + " vm-vm", count, new Figure(gbits, roundTrip, messages));
    }
  }

  private interface Tool<T> {
    T run(LinuxGuest from, LinuxGuest to);
  }

  /** All pairs at once. */
  private static <T> List<T> all(List<LinuxGuest> from, List<LinuxGuest> to, Tool<T> tool) {
    List<CompletableFuture<T>> running = new ArrayList<>();
    for (int i = 0; i < from.size(); i++) {
      LinuxGuest a = from.get(i);
      LinuxGuest b = to.get(i);
      running.add(CompletableFuture.supplyAsync(() -> tool.run(a, b), Thread::startVirtualThread));
    }
    return running.stream().map(CompletableFuture::join).toList();
  }

  private static GuestConfig config(int host, int pair) {
    return GuestConfig.of(1 + 10 * host + pair);
  }

  private Function<GuestConfig, LinuxGuest> maker(Arm arm, JoinedNamespaces hosts, int i)
      throws Exception {
    Namespace network = hosts.host(i);
    if (arm == Arm.VMM_TAP) {
      network.bridge(BRIDGE);
      network.ip("link", "set", JoinedNamespaces.LINK, "master", BRIDGE);
      return config -> {
        String tap = "tap" + config.name();
        network.tap(tap);
        network.ip("link", "set", tap, "master", BRIDGE);
        return QemuGuest.tap(config, network, tap);
      };
    }
    Path folder = Files.createDirectory(directory.resolve(arm + "-" + i));
    Sidecar sidecar = opened(new Sidecar(folder, network, configuration(arm, hosts, i)));
    return config -> {
      List<String> words = new ArrayList<>(List.of("--mac", config.mac()));
      words.addAll(List.of("--ip", config.address(), "--ip", config.address6()));
      if (arm == Arm.TUNTAP) {
        words.addAll(List.of("--uplink", "way"));
      }
      try {
        Path socket = sidecar.attach(config.name(), words.toArray(String[]::new));
        return QemuGuest.vhostUser(config, socket);
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    };
  }

  private static String configuration(Arm arm, JoinedNamespaces hosts, int i) {
    if (arm == Arm.TUNTAP) {
      return "uplinks: {way: {transport: tuntap, bridge.device: " + JoinedNamespaces.LINK + "}}\n";
    }
    StringBuilder text =
        new StringBuilder(
            "uplinks: {way: {transport: iouring, address: " + hosts.address(i) + "}}\nremotes:\n");
    for (int pair = 0; pair < PAIRS; pair++) {
      GuestConfig far = config(1 - i, pair);
      text.append(
          "  - {id: %s, network: 1, mac: '%s', addresses: ['%s', '%s'], uplink: way, endpoint: %s}%n"
              .formatted(
                  far.name(), far.mac(), far.address(), far.address6(), hosts.address(1 - i)));
    }
    return text.toString();
  }

  private void say(String way, int pairs, Figure figure) {
    System.out.printf(
        Locale.ROOT,
        "figure: real guests, %s, %d VM%s: TCP %.3f Gbit/s (%.1f %% of host-host), round trip p50"
            + " %.0f us (%.1f times), %.0f messages/s%n",
        way,
        pairs,
        pairs == 1 ? "" : "s",
        figure.gbits,
        100 * figure.gbits / host.gbits,
        figure.roundTrip,
        figure.roundTrip / host.roundTrip,
        figure.messages);
  }
}
