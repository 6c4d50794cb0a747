package dev.outboard.integration.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.outboard.engine.EngineSettings;
import dev.outboard.engine.Frontend;
import dev.outboard.engine.GatewaySpec;
import dev.outboard.engine.GuestSocket;
import dev.outboard.engine.GuestSpec;
import dev.outboard.engine.PeerSpec;
import dev.outboard.engine.RemoteSpec;
import dev.outboard.engine.RingLayout;
import dev.outboard.engine.RouteSpec;
import dev.outboard.integration.UserException;
import dev.outboard.isolation.Shared;
import dev.outboard.isolation.ThreadPerVm;
import dev.outboard.spi.Availability;
import dev.outboard.spi.Priority;
import dev.outboard.spi.TransportProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a configuration means, and what is said about each kind of mistake in one. */
final class ConfigFileTest {
  private static final Path SOCKET = Path.of("/run/test/api.sock");

  @TempDir private Path directory;

  static Planner planner() {
    return planner(
        Map.of(
            "good",
            new TestTransport("good", Availability.yes()),
            "bad",
            new TestTransport("bad", Availability.no("no device", "buy one"))));
  }

  private static Planner planner(Map<String, TransportProvider> transports) {
    Installed installed =
        new Installed(
            transports,
            Map.of("shared", new Shared(), "thread-per-vm", new ThreadPerVm()),
            List.of(
                new TestNotifier("broken", Availability.no("no ring", "get one")),
                TestNotifier.usable("epoll"),
                TestNotifier.usable("other")));
    return new Planner(installed, SOCKET, false);
  }

  @Test
  void noFileMeansDefaults() throws UserException {
    Plan plan = ConfigFile.defaults(planner());
    assertEquals(new Plan.Api(SOCKET, 0600), plan.api());
    assertEquals(EngineSettings.defaults(), plan.engine());
    assertEquals("shared", plan.isolation().name());
    assertEquals("epoll", plan.notifier().provider().name());
    assertEquals("broken can't run here: no ring; get one", plan.notifier().note());
    assertEquals(List.of(), plan.uplinks());
    assertEquals(List.of(), plan.guests());
  }

  @Test
  void theExampleLoadsAndIsTheDefaults() throws UserException {
    Path example = Path.of(System.getProperty("outboard.root"), "docs", "outboard.example.yaml");
    Plan plan = ConfigFile.read(example, planner());
    Plan defaults = ConfigFile.defaults(planner());
    assertEquals(defaults.api(), plan.api());
    assertEquals(defaults.engine(), plan.engine());
    assertEquals(defaults.isolation().name(), plan.isolation().name());
    assertEquals(defaults.notifier(), plan.notifier());
  }

  @Test
  void theExampleLoadsWithEverythingSwitchedOn() throws UserException, IOException {
    Path example = Path.of(System.getProperty("outboard.root"), "docs", "outboard.example.yaml");
    StringBuilder text = new StringBuilder();
    for (String line : Files.readAllLines(example)) {
      String on = line.replaceFirst("^#  ", "  ").replaceFirst("^  # (\\w+:)", "  $1");
      text.append(on.replaceFirst("^(uplinks|remotes|routes|guests): [{\\[][}\\]]$", "$1:"))
          .append('\n');
    }
    Path file = Files.writeString(directory.resolve("c.yaml"), text);
    Plan plan = ConfigFile.read(file, planner(realTransports()));
    assertEquals("lan", plan.uplinks().getFirst().name());
    GuestSpec guest = plan.guests().getFirst();
    assertEquals("web-1", guest.id());
    assertEquals(Optional.of("lan"), guest.uplink());
    assertEquals("02:00:00:00:00:01", guest.mac().toString());
    RemoteSpec remote = plan.remotes().getFirst();
    assertEquals("web-9", remote.id());
    assertEquals(
        List.of(new PeerSpec("wan", "192.0.2.20"), new PeerSpec("slow", "198.51.100.20")),
        remote.peers());
    RouteSpec route = plan.routes().getFirst();
    assertEquals(Optional.of("bulk"), route.guestClass());
    assertEquals(16, route.destination().orElseThrow().length());
    assertEquals(
        new GatewaySpec(7, "default", new PeerSpec("wan", "192.0.2.1"), true, 1450),
        plan.gateways().getFirst());
  }

  /** Those of this build with their settings, whether they can run here or not. */
  private static Map<String, TransportProvider> realTransports() {
    Map<String, TransportProvider> transports = new TreeMap<>();
    for (TransportProvider real : ServiceLoader.load(TransportProvider.class)) {
      transports.put(
          real.name(), new TestTransport(real.name(), Availability.yes(), real.settings()));
    }
    return transports;
  }

  @Test
  void everythingThatIsSaidCounts() throws UserException, IOException {
    Plan plan =
        read(
            """
            api: {socket: /tmp/x.sock, mode: 0660}
            workers: 2
            cpus: [0, 1]
            notifier: other
            poll-micros: 7
            head-of-line-micros: 8
            max-guests: 9
            networks: [{id: 5, mtu: 9000}]
            uplinks: {lan: {transport: good, pool.max: 3, offloads: false}}
            guests:
              - id: a
                tenant: 42
                network: 5
                mac: 52:54:00:12:34:56
                addresses: [10.0.0.1, "fd00::1"]
                socket: /tmp/a.sock
                role: client
                uplink: lan
                local-forwarding: off
                frontend: cloud-hypervisor
                queues: 4
                ring: packed
                priority: latency
              - {id: b, mode: 0666}
            """);
    assertEquals(new Plan.Api(Path.of("/tmp/x.sock"), 0660), plan.api());
    assertEquals(new EngineSettings(2, List.of(0, 1), 7, 8, 9), plan.engine());
    assertEquals("other", plan.notifier().provider().name());
    assertEquals("", plan.notifier().note());
    assertEquals(
        Map.of("bridge", "br0", "pool.max", "3", "offloads", "false"),
        plan.uplinks().getFirst().settings());
    GuestSpec a = plan.guests().get(0);
    assertEquals("42", a.tenant());
    assertEquals("52:54:00:12:34:56", a.mac().toString());
    assertEquals(
        List.of(InetAddress.ofLiteral("10.0.0.1"), InetAddress.ofLiteral("fd00::1")),
        a.addresses());
    assertEquals(GuestSocket.Role.CLIENT, a.socket().role());
    assertEquals(9000, a.mtu());
    assertEquals(Optional.of("lan"), a.uplink());
    assertEquals(false, a.localForwarding());
    assertEquals(Frontend.CLOUD_HYPERVISOR, a.frontend());
    assertEquals(4, a.queuePairs());
    assertEquals(RingLayout.PACKED, a.ring());
    assertEquals(Priority.LATENCY, a.priority());
    GuestSpec b = plan.guests().get(1);
    assertEquals(1500, b.mtu());
    assertEquals(1, b.network());
    assertEquals("default", b.tenant());
    assertEquals(Priority.STANDARD, b.priority());
    assertEquals(
        new GuestSocket(Path.of("/tmp/guests/b.sock"), GuestSocket.Role.SERVER, 0666), b.socket());
  }

  @Test
  void withWorkersAsNeededTheirNumberIsALimit() throws UserException, IOException {
    Plan plan = read("isolation: thread-per-vm\ncpus: [2, 3]\n");
    assertEquals("thread-per-vm", plan.isolation().name());
    assertEquals(1024, plan.engine().workers());
    assertEquals(List.of(2, 3), plan.engine().cpus());
    assertEquals(9, read("isolation: thread-per-vm\nmax-guests: 9\n").engine().workers());
    assertEquals(7, read("isolation: thread-per-vm\nworkers: 7\n").engine().workers());
  }

  static Stream<Arguments> mistakes() {
    return Stream.of(
        arguments("wrokers: 2", "1: unknown key 'wrokers'; known: api, cpus, guests,"),
        arguments("api:\n  sokcet: /x", "2: unknown key 'sokcet' in api; known: mode, socket"),
        arguments(
            "\nguests:\n  - id: a\n  - id: b\n    adress: x\n",
            "5: unknown key 'adress' in guests[1]; known: addresses, class, frontend,"),
        arguments("workers: two", "1: workers must be a whole number"),
        arguments("workers: 1.5", "1: workers must be a whole number"),
        arguments("workers: [1]", "1: workers must be a whole number"),
        arguments("workers: 0", "1: workers must be between 1 and 1024, not 0"),
        arguments("\n\ncpus: 3", "3: cpus must be a list"),
        arguments("workers: 2\ncpus: [1]", "2: cpus names 1 processors for 2 workers"),
        arguments("cpus: [-1]", "1: cpus[0] must be between 0 and"),
        arguments(
            "workers: 1\nisolation: per-cpu",
            "2: unknown isolation 'per-cpu'; known: shared, thread-per-vm"),
        arguments(
            "notifier: kqueue", "1: unknown notifier 'kqueue'; known: auto, broken, epoll, other"),
        arguments(
            "notifier: broken",
            "1: notifier 'broken' can't run here: no ring; get one, or write 'notifier: auto'"),
        arguments("poll-micros: -1", "1: poll-micros must be between 0 and"),
        arguments("api: {mode: 0999}", "1: api.mode '0999' must be three octal digits"),
        arguments("api: {socket: x.sock}", "1: api.socket 'x.sock' must be an absolute path"),
        arguments("api: {socket: /" + "x".repeat(120) + "}", "longer than the 107 bytes"),
        arguments("api: nonsense", "1: api must be a set of keys"),
        arguments("networks: [{mtu: 1500}]", "1: a network needs an id"),
        arguments("networks: [{id: 1}, {id: 1}]", "1: network 1 is there twice"),
        arguments("networks: [{id: 16777216}]", "1: networks[0].id must be between 1 and"),
        arguments("networks: [{id: 1, mtu: 9}]", "1: networks[0].mtu must be between 576 and"),
        arguments("uplinks: {a: {}}", "1: uplink 'a' needs a transport; known: bad, good"),
        arguments("uplinks:\n  a:\n    transport: x", "3: unknown transport 'x'; known: bad, good"),
        arguments(
            "uplinks: {a: {transport: bad}}",
            "1: transport 'bad' can't run here: no device; buy one"),
        arguments(
            "uplinks:\n  a:\n    transport: good\n    pool: 3",
            "4: unknown setting of transport 'good': 'pool'; known: bridge, offloads, pool.max"),
        arguments(
            "uplinks: {a: {transport: good, pool.max: many}}",
            "1: uplinks.a.pool.max must be a whole number, not 'many'"),
        arguments(
            "uplinks: {a: {transport: good, offloads: maybe}}",
            "1: uplinks.a.offloads must be true or false, not 'maybe'"),
        arguments("guests: [{}]", "1: a guest needs an id"),
        arguments("guests: [~]", "1: a guest needs an id"),
        arguments("guests: [{id: ../x}]", "1: guests[0].id '../x' is not a name"),
        arguments("guests: [{id: a}, {id: a}]", "1: guest 'a' is there twice"),
        arguments(
            "guests:\n- {id: a, mac: 02:00:00:00:00:01}\n- {id: b, mac: 02:00:00:00:00:01}",
            "3: MAC 02:00:00:00:00:01 in network 1 is there twice"),
        arguments(
            "guests: [{id: a, socket: /s}, {id: b, socket: /s}]", "1: socket /s is there twice"),
        arguments("guests: [{id: a, mac: 1}]", "1: guests[0].mac: not a MAC address: '1'"),
        arguments("guests: [{id: a, mac: 01:00:00:00:00:00}]", "can't be a guest's own"),
        arguments("guests: [{id: a, network: 0}]", "1: guests[0].network must be between 1 and"),
        arguments("guests: [{id: a, addresses: [x.y]}]", "1: 'x.y' is not an IP address"),
        arguments("guests: [{id: a, addresses: [224.0.0.1]}]", "can't be a guest's own"),
        arguments("guests: [{id: a, role: peer}]", "1: unknown role 'peer'; known: server, client"),
        arguments("guests: [{id: a, role: client, mode: 0600}]", "1: mode is for role server"),
        arguments("guests: [{id: a, uplink: x}]", "1: unknown uplink 'x'; there are none"),
        arguments(
            "guests: [{id: a, local-forwarding: maybe}]",
            "1: guests[0].local-forwarding must be on or off, not 'maybe'"),
        arguments(
            "guests: [{id: a, frontend: kvmtool}]",
            "1: unknown frontend 'kvmtool'; known: generic, qemu, cloud-hypervisor,"),
        arguments(
            "guests: [{id: a, ring: round}]",
            "1: unknown ring 'round'; known: auto, split, packed"),
        arguments(
            "guests: [{id: a, priority: gold}]",
            "1: unknown priority 'gold'; known: latency, standard, bulk"),
        arguments(
            "guests: [{id: a, frontend: uml, ring: packed}]",
            "1: ring packed: the driver of frontend uml breaks with it; leave ring" + " out"),
        arguments("guests: [{id: a, queues: 17}]", "1: guests[0].queues must be between 1 and 16"),
        arguments("max-guests: 1\nguests: [{id: a}, {id: b}]", "2: 2 guests are more than"),
        arguments("workers: 1\nworkers: 2", "Duplicate field 'workers'"),
        arguments("a: b: c", "1: not YAML: mapping values are not allowed here"),
        arguments("workers: 1\n---\nworkers: 2", "not YAML: but found another document"),
        arguments("just text", "1: "));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void aMistakeGetsOneLine(String yaml, String expected) throws IOException {
    Path file = Files.writeString(directory.resolve("c.yaml"), yaml);
    UserException error = assertThrows(UserException.class, () -> ConfigFile.read(file, planner()));
    assertEquals(2, error.exitCode());
    assertEquals(1, error.getMessage().lines().count(), error.getMessage());
    assertTrue(error.getMessage().startsWith(file + ":"), error.getMessage());
    assertTrue(error.getMessage().contains(expected), error.getMessage());
  }

  @Test
  void aMissingFileIsNamed() {
    Path file = directory.resolve("none.yaml");
    UserException error = assertThrows(UserException.class, () -> ConfigFile.read(file, planner()));
    assertTrue(error.getMessage().startsWith(file + ": no such file"), error.getMessage());
  }

  @Test
  void theCommandLineWinsOverTheFile() throws IOException, UserException {
    Path file = Files.writeString(directory.resolve("c.yaml"), "api: {socket: /tmp/x.sock}");
    Planner fixed =
        new Planner(
            new Installed(
                Map.of(), Map.of("shared", new Shared()), List.of(TestNotifier.usable("epoll"))),
            SOCKET,
            true);
    assertEquals(SOCKET, ConfigFile.read(file, fixed).api().socket());
  }

  private Plan read(String yaml) throws IOException, UserException {
    return ConfigFile.read(Files.writeString(directory.resolve("c.yaml"), yaml), planner());
  }
}
