package dev.outboard.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.integration.wire.Json;
import dev.outboard.integration.wire.ObservationView;
import dev.outboard.lab.GuestConfig;
import dev.outboard.lab.Lab;
import dev.outboard.lab.LinuxGuest;
import dev.outboard.lab.Namespace;
import dev.outboard.lab.QemuGuest;
import dev.outboard.lab.UmlGuest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Unmodified Linux guests through the sidecar, end to end, beside the way they are connected
 * without it. All guests boot once, together; the tests follow one another, as a user's day would:
 * the guests talk over shared memory, one is killed and returns, the pair is moved to an uplink,
 * and at the end the daemon is told to stop. What is asserted is function; speed is printed.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class RealGuestsTest {
  private static final int SMALL_MTU = 1400;
  private static final String CONFIGURATION =
      "uplinks: {lan: {transport: tuntap}}\nnetworks: [{id: 2, mtu: " + SMALL_MTU + "}]\n";
  private static final String[] OVER_UPLINK = {"--uplink", "lan", "--local-forwarding", "off"};
  private static final QemuGuest.Extra RECONNECT =
      new QemuGuest.Extra("reconnect=1", "queues=2", "mq=on,host_mtu=1500");

  /** Losses that a small ring and a burst of TCP explain; any other reason is a bug. */
  private static final Set<String> EXPLAINED =
      Set.of("destination-full", "destination-stalled", "uplink-full");

  /** Of what kind the guests are declared; the others are generic. */
  private static final Map<Integer, List<String>> KINDS =
      Map.of(
          1, List.of("--frontend", "qemu", "--queues", "2"),
          2, List.of("--frontend", "qemu", "--queues", "2"),
          11, List.of("--frontend", "uml"),
          21, List.of("--frontend", "uml"));

  private Path folder;
  private final FigureTable figures = new FigureTable();
  private final List<AutoCloseable> open = new ArrayList<>();
  private long started;

  private Namespace network;
  private Sidecar sidecar;
  private LinuxGuest qemu1;
  private LinuxGuest qemu2;
  private LinuxGuest listening;
  private LinuxGuest legacy1;
  private LinuxGuest legacy2;
  private LinuxGuest uml1;
  private LinuxGuest uml2;
  private LinuxGuest umlUplink1;
  private LinuxGuest umlUplink2;

  @BeforeAll
  void bootGuests(@TempDir Path directory) throws IOException, InterruptedException {
    Lab.require();
    folder = directory;
    started = System.nanoTime();
    network = opened(Namespace.create());
    sidecar = opened(new Sidecar(folder, network, CONFIGURATION));
    network.bridge("br0", "tap1", "tap2");
    Path client = folder.resolve("listening.sock");
    qemu1 = opened(QemuGuest.vhostUser(GuestConfig.of(1), attach(1, "1"), RECONNECT));
    qemu2 = opened(QemuGuest.vhostUser(GuestConfig.of(2), attach(2, "1"), RECONNECT));
    legacy1 = opened(QemuGuest.tap(GuestConfig.of(1), network, "tap1"));
    legacy2 = opened(QemuGuest.tap(GuestConfig.of(2), network, "tap2"));
    attach(3, "1", "--role", "client", "--socket", client.toString());
    listening =
        opened(
            QemuGuest.vhostUser(
                GuestConfig.of(3), client, QemuGuest.Extra.chardev("server=on,wait=off")));
    uml1 = opened(UmlGuest.vhostUser(GuestConfig.of(11), attach(11, "1")));
    uml2 = opened(UmlGuest.vhostUser(GuestConfig.of(12), attach(12, "1")));
    umlUplink1 = opened(UmlGuest.vhostUser(GuestConfig.of(21), attach(21, "2", OVER_UPLINK)));
    umlUplink2 = opened(UmlGuest.vhostUser(GuestConfig.of(22), attach(22, "2", OVER_UPLINK)));
    for (AutoCloseable each : open) {
      if (each instanceof LinuxGuest guest) {
        guest.awaitReady();
      }
    }
    figures.took("boot of 9 guests", System.nanoTime() - started);
  }

  @BeforeEach
  void startClock() {
    started = System.nanoTime();
  }

  @AfterEach
  void stopClock(TestInfo test) {
    figures.took(test.getTestMethod().orElseThrow().getName(), System.nanoTime() - started);
  }

  @AfterAll
  void printFigures() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
    figures.finish();
  }

  @Test
  @Order(1)
  void guestsNegotiateWhatMakesThemFast() throws IOException, InterruptedException {
    JsonNode guests = Json.api().readTree(sidecar.outboard("list", "--json"));
    assertEquals(7, guests.size());
    for (JsonNode guest : guests) {
      assertEquals("running", guest.path("state").asText(), guest.toPrettyString());
      List<String> features = new ArrayList<>();
      guest.path("features").forEach(feature -> features.add(feature.asText()));
      List<String> wanted =
          List.of("CSUM", "GUEST_CSUM", "HOST_TSO4", "GUEST_TSO4", "MRG_RXBUF", "INDIRECT_DESC");
      assertTrue(features.containsAll(wanted), guest.toPrettyString());
      List<String> ofKind =
          switch (guest.path("frontend").asText()) {
            case "qemu" -> List.of("MQ", "GUEST_ANNOUNCE", "MTU");
            case "uml" -> List.of("CTRL_VQ", "CTRL_RX", "CTRL_MAC_ADDR", "STATUS", "MTU");
            default -> List.of();
          };
      assertTrue(features.containsAll(ofKind), guest.toPrettyString());
    }
  }

  @Test
  @Order(1)
  void guestsTakeTheirMtuFromTheDevice() {
    assertEquals("1500", uml1.run("cat /sys/class/net/eth0/mtu").strip());
    assertEquals("1500", qemu1.run("cat /sys/class/net/eth0/mtu").strip());
    assertEquals(SMALL_MTU + "", umlUplink1.run("cat /sys/class/net/eth0/mtu").strip());
  }

  /** Nobody could tell this one; it must find out by the answers to what it sends. */
  @Test
  @Order(1)
  void guestThatDoesNotKnowTheMtuLearnsIt() {
    assertEquals("1500", umlUplink2.run("cat /sys/class/net/eth0/mtu").strip());
    umlUplink2.run("ping -c 6 -i 0.3 -s 1472 " + umlUplink1.config().address());
    umlUplink2.run("ping -c 6 -i 0.3 -s 1452 " + umlUplink1.config().address6());
  }

  @Test
  @Order(1)
  void qemuGuestUsesBothItsQueues() {
    Traffic.ping(qemu1, qemu2);
    assertEquals("rx-0\nrx-1\ntx-0\ntx-1", qemu1.run("ls -1 /sys/class/net/eth0/queues").strip());
  }

  @Test
  @Order(1)
  void controlQueueCarriesOutWhatTheGuestAsksFor() {
    uml1.run("ip link set eth0 promisc on");
    uml1.run("ip link set eth0 promisc off");
    Traffic.ping(uml1, uml2);
    assertEquals("running", sidecar.guest(uml1.config().name()).path("state").asText());
  }

  @Test
  @Order(2)
  void qemuOverSharedMemory() throws Exception {
    measure("QEMU local", qemu1, qemu2);
  }

  @Test
  @Order(3)
  void umlOverSharedMemory() throws Exception {
    measure("UML local", uml1, uml2);
  }

  @Test
  @Order(4)
  void guestsOfBothKindsReachEachOther() {
    Traffic.ping(qemu1, uml1);
    Traffic.ping(uml2, qemu2);
  }

  @Test
  @Order(5)
  void vmmThatListensIsConnectedTo() {
    Traffic.ping(listening, uml1);
    Traffic.ping(qemu1, listening);
  }

  @Test
  @Order(6)
  void killedGuestComesBackAndOthersDoNotNotice() throws InterruptedException {
    uml1.background("ping -i 0.1 -c 1000 " + qemu2.config().address(), "/tmp/ping");
    qemu1.close();
    sidecar.await("guest1", "waiting");
    uml1.run("ping -c 1 -W 9 " + qemu2.config().address());
    Path socket = Path.of(sidecar.guest("guest1").path("socket").asText());
    qemu1 = opened(QemuGuest.vhostUser(GuestConfig.of(1), socket, RECONNECT));
    qemu1.awaitReady();
    Traffic.ping(qemu1, qemu2);
    Traffic.ping(uml2, qemu1);
    uml1.run("killall -INT ping; sleep 0.2");
    assertNoneMissing(uml1.run("cat /tmp/ping"));
  }

  /** Each ping has its answer, but for one that may have been on its way at the end. */
  private static void assertNoneMissing(String pings) {
    List<Integer> answered =
        Pattern.compile("seq=(\\d+)")
            .matcher(pings)
            .results()
            .map(answer -> Integer.parseInt(answer.group(1)))
            .toList();
    assertTrue(answered.size() > 1, pings);
    assertEquals(IntStream.range(0, answered.size()).boxed().toList(), answered, pings);
    Matcher sent = Pattern.compile("(\\d+) packets transmitted").matcher(pings);
    assertTrue(sent.find(), pings);
    assertTrue(Integer.parseInt(sent.group(1)) - answered.size() <= 1, pings);
  }

  @Test
  @Order(7)
  void everyFrameOverSharedMemoryIsAccountedFor() throws InterruptedException {
    awaitMissing(0, 1);
  }

  @Test
  @Order(8)
  void qemuOverUplink() throws Exception {
    for (LinuxGuest guest : List.of(qemu1, qemu2)) {
      sidecar.outboard("detach", guest.config().name());
    }
    attach(1, "3", OVER_UPLINK);
    attach(2, "3", OVER_UPLINK);
    sidecar.await("guest1", "running");
    sidecar.await("guest2", "running");
    measure("QEMU tuntap", qemu1, qemu2);
  }

  @Test
  @Order(9)
  void umlOverUplink() throws Exception {
    measure("UML tuntap", umlUplink1, umlUplink2);
  }

  @Test
  @Order(11)
  void qemuWithoutSidecar() {
    Traffic.ping(legacy1, legacy2);
    Traffic load = new Traffic(legacy1, legacy2, null, this::legacyCounts);
    figures.add(load.measure("QEMU own TAP (legacy)"));
  }

  @Test
  @Order(12)
  void daemonThatIsStoppedLeavesNothing() throws IOException, InterruptedException {
    assertTrue(devices().size() > 4, "TAPs and bridges of the uplink: " + devices());
    assertEquals(0, sidecar.terminate(), sidecar.said());
    assertEquals(Set.of("lo", "br0", "tap1", "tap2"), devices());
    try (Stream<Path> files = Files.walk(folder)) {
      List<String> sockets =
          files.map(Path::toString).filter(name -> name.endsWith(".sock")).toList();
      assertEquals(List.of(folder.resolve("listening.sock").toString()), sockets);
    }
    assertTrue(qemu1.isAlive() && uml1.isAlive(), "guests outlive the daemon");
  }

  /** Measures a pair of the sidecar's and shows that its frames went where they should. */
  private void measure(String path, LinuxGuest one, LinuxGuest two) throws Exception {
    String first = one.config().name();
    String second = two.config().name();
    boolean uplink = !sidecar.guest(first).path("uplink").isNull();
    int number = sidecar.guest(first).path("network").asInt();
    Traffic.ping(one, two);
    Thread.sleep(200);
    final long missing = missing(number);
    final long tapsBefore = throughTaps();
    Traffic.Counts before = counts(first, second);
    Traffic load = new Traffic(one, two, sidecar.process(), () -> counts(first, second));
    sidecar.observe(first);
    Traffic.Figures row = load.measure(path);
    figures.add(row);
    checkObserved(row, sidecar.observed(first));
    assertTrue(EXPLAINED.containsAll(row.drops().keySet()), row + "");
    assertTrue(row.frameBytesThere() > 3000 && row.frameBytesBack() > 3000, row + "");
    awaitMissing(missing, number);
    long frames = counts(first, second).since(before).all();
    long taps = throughTaps() - tapsBefore;
    if (uplink) {
      assertTrue(taps > frames * 9 / 10, taps + " of " + frames + " frames through TAPs");
    } else {
      assertTrue(taps < 100, taps + " frames through TAPs, where others may say hello");
    }
  }

  /** What the sidecar has seen of the first guest's TCP is what the tools in the guests say. */
  private static void checkObserved(Traffic.Figures row, ObservationView seen) {
    System.out.printf(
        Locale.ROOT,
        "figure: observed %s: %d round trips, p50 %.1f us, p99 %.1f us; %d of %d sent again%n",
        row.path(),
        seen.roundTrips(),
        seen.p50Us(),
        seen.p99Us(),
        seen.retransmissions(),
        seen.segments());
    assertTrue(seen.roundTrips() > row.tcp().messages() / 2, seen + " " + row);
    assertTrue(seen.bytes() > row.gbitThere() * 1e9 / 8 * 0.8, seen + " " + row);
    assertTrue(seen.retransmissions() < seen.segments() / 10, seen + " " + row);
  }

  /** Waits until all frames have ended their way, with as many missing as there should be. */
  private void awaitMissing(long expected, int network) throws InterruptedException {
    long missing = missing(network);
    for (int i = 0; i < 50 && missing != expected; i++) {
      Thread.sleep(50);
      missing = missing(network);
    }
    assertEquals(expected, missing, () -> sidecar.stats().toPrettyString());
  }

  /**
   * Frames that the guests of a network have sent, with copies of group frames, less those that
   * were received or whose loss was counted: by us, or by the kernel at a full TAP.
   */
  private long missing(int network) {
    long missing = 0;
    for (JsonNode guest : sidecar.stats().path("guests")) {
      if (guest.path("network").asInt() == network) {
        JsonNode counters = guest.path("counters");
        missing += counters.path("sent_frames").asLong();
        missing += counters.path("flood_copies").asLong();
        missing -= counters.path("flooded_frames").asLong();
        missing -= counters.path("received_frames").asLong();
        for (JsonNode drop : counters.path("drops")) {
          missing -= drop.asLong();
        }
      }
    }
    return missing - (network == 1 ? 0 : lostAtTaps());
  }

  private long lostAtTaps() {
    return sidecar.taps().values().stream()
        .filter(tap -> tap.bridge().startsWith("ob"))
        .mapToLong(Sidecar.Tap::dropped)
        .sum();
  }

  private Path attach(int number, String network, String... options)
      throws IOException, InterruptedException {
    GuestConfig guest = GuestConfig.of(number);
    List<String> words = new ArrayList<>(List.of("--mac", guest.mac(), "--network", network));
    words.addAll(List.of("--ip", guest.address(), "--ip", guest.address6()));
    words.addAll(KINDS.getOrDefault(number, List.of()));
    words.addAll(List.of(options));
    return sidecar.attach(guest.name(), words.toArray(String[]::new));
  }

  private Traffic.Counts counts(String first, String second) {
    JsonNode one = sidecar.guest(first).path("counters");
    JsonNode two = sidecar.guest(second).path("counters");
    Map<String, Long> drops = new TreeMap<>();
    for (JsonNode each : List.of(one, two)) {
      each.path("drops")
          .properties()
          .forEach(drop -> drops.merge(drop.getKey(), drop.getValue().asLong(), Long::sum));
    }
    return new Traffic.Counts(
        one.path("sent_frames").asLong(),
        one.path("sent_bytes").asLong(),
        two.path("sent_frames").asLong(),
        two.path("sent_bytes").asLong(),
        drops);
  }

  private Traffic.Counts legacyCounts() {
    Map<String, Sidecar.Tap> taps = sidecar.taps();
    Sidecar.Tap one = taps.get("tap1");
    Sidecar.Tap two = taps.get("tap2");
    return new Traffic.Counts(
        one.received(),
        one.receivedBytes(),
        two.received(),
        two.receivedBytes(),
        Map.of("tap-queue", one.dropped() + two.dropped()));
  }

  /** Frames that the sidecar has written to its TAPs. */
  private long throughTaps() {
    return sidecar.taps().values().stream()
        .filter(tap -> tap.bridge().startsWith("ob"))
        .mapToLong(Sidecar.Tap::received)
        .sum();
  }

  private Set<String> devices() {
    return sidecar.taps().keySet();
  }

  private <T extends AutoCloseable> T opened(T resource) {
    open.add(resource);
    return resource;
  }
}
