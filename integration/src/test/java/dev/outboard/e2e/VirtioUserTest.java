package dev.outboard.e2e;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.guest.dpdk.TestpmdConsole.PortStats;
import dev.outboard.integration.wire.Json;
import dev.outboard.lab.GuestConfig;
import dev.outboard.lab.Lab;
import dev.outboard.lab.Namespace;
import dev.outboard.lab.Testpmd;
import dev.outboard.testing.LongTier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * DPDK's driver at both ends of the sidecar: a frontend that is not ours, at full speed, with each
 * shape of ring that is offered. What testpmd says it sent and received must agree, frame by frame,
 * with what the daemon says it took, delivered and dropped; and what it receives must be what it
 * sent.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class VirtioUserTest {
  private static final boolean LONG = Boolean.getBoolean("long");
  private static final List<Integer> SIZES =
      LONG ? List.of(64, 128, 256, 512, 1024, 1280, 1518) : List.of(64, 512, 1518);
  private static final String FIGURES = "integration/target/virtio-user.json";
  private static final int MILLIS = LONG ? 2000 : 120;

  private Path folder;
  private Namespace network;
  private Sidecar sidecar;
  private final Map<String, Map<String, Object>> figures = new LinkedHashMap<>();

  @BeforeAll
  void startDaemon(@TempDir Path directory) throws IOException {
    Lab.require();
    folder = directory;
    network = Namespace.create();
    sidecar = new Sidecar(directory, network, "cpus: [0]\n");
  }

  @AfterAll
  void stopDaemon() throws IOException, InterruptedException {
    if (sidecar != null) {
      figures.forEach(
          (rings, row) -> System.out.println("figure: virtio-user " + rings + " " + row));
      Path file = Path.of(System.getProperty("outboard.root"), FIGURES);
      Json.api().writeValue(file.toFile(), figures);
      assertEquals(0, sidecar.terminate(), sidecar.said());
      sidecar.close();
      network.close();
    }
  }

  @ParameterizedTest(name = "packed={0} mrg_rxbuf={1} in_order={2} queue_size={3} huge pages: {4}")
  @CsvSource({
    "0, 1, 0, 1024, true",
    "0, 1, 1, 256, false",
    "0, 0, 0, 256, false",
    "1, 1, 0, 1024, true",
    "1, 0, 1, 1024, false"
  })
  void everyFrameIsDeliveredIntactOrCounted(
      int packed, int mergeable, int inOrder, int ring, boolean hugePages) throws Exception {
    pass(packed, mergeable, inOrder, ring, hugePages);
  }

  @LongTier("virtio-user-rings")
  void soItIsWithRingsOfOtherKinds() throws Exception {
    pass(0, 0, 0, 1024, false);
    pass(0, 0, 1, 1024, false);
    pass(1, 1, 1, 256, false);
    pass(1, 0, 0, 1024, false);
  }

  private void pass(int packed, int mergeable, int inOrder, int ring, boolean hugePages)
      throws Exception {
    String layout = packed == 1 ? "packed-" : "";
    String name = layout + "mrg" + mergeable + (inOrder == 1 ? "-in-order-" : "-") + ring;
    int number = ring + 4 * packed + 2 * inOrder + mergeable;
    Path from = attach(name + "-a", 1, number);
    Path to = attach(name + "-b", 2, number);
    Path in = folder.resolve(name + "-in.pcap");
    Path out = folder.resolve(name + "-out.pcap");
    List<byte[]> sent = capture();
    Captures.write(in, sent);
    Testpmd.Options options =
        Testpmd.Options.DEFAULT
            .withRing(ring)
            .withDevice("packed_vq=" + packed + ",in_order=" + inOrder + ",mrg_rxbuf=" + mergeable);
    if (hugePages && freeHugePages() >= 256) {
      options = options.onHugePages();
    }
    try (Testpmd testpmd = Testpmd.replay(options, in, out, from, to)) {
      Ends ends = new Ends(testpmd, name + "-a", name + "-b");
      figures.put(name, ends.figures);
      contentsArriveIntact(ends, sent, out);
      for (int size : SIZES) {
        framesCirculate(ends, size);
      }
      receiverThatDoesNotRead(ends);
      assertEquals(mergeable == 1, features(name + "-a").contains("MRG_RXBUF"));
      assertEquals(inOrder == 1, features(name + "-a").contains("IN_ORDER"));
      assertEquals(packed == 1, features(name + "-a").contains("RING_PACKED"));
    }
    sidecar.outboard("detach", name + "-a");
    sidecar.outboard("detach", name + "-b");
  }

  /** Every size there is, twice, as fast as testpmd reads the file. */
  private static List<byte[]> capture() {
    List<Integer> sizes =
        Stream.concat(
                IntStream.rangeClosed(64, 1518).boxed(), IntStream.rangeClosed(64, 1518).boxed())
            .toList();
    return Captures.frames(GuestConfig.of(1).mac(), GuestConfig.of(2).mac(), sizes);
  }

  private void contentsArriveIntact(Ends ends, List<byte[]> sent, Path out) throws Exception {
    ends.testpmd.command("set fwd io retry");
    ends.testpmd.command("set burst tx delay 20 retry 100000");
    ends.testpmd.command("start");
    ends.await("the file is sent", () -> ends.counts().sent() == sent.size());
    ends.settle();
    ends.testpmd.command("stop");
    List<byte[]> received = Captures.read(out);
    int last = -1;
    for (byte[] frame : received) {
      int place = Captures.place(frame);
      assertTrue(place > last && place < sent.size(), place + " after " + last);
      assertArrayEquals(sent.get(place), frame);
      last = place;
    }
    assertEquals(sent.size(), received.size() + ends.dropped(), ends.drops() + "");
  }

  /** Frames go round and round between the ports. */
  private void framesCirculate(Ends ends, int size) throws Exception {
    ends.testpmd.command("set portlist 1,2");
    ends.testpmd.command("set fwd io");
    ends.testpmd.command("set txpkts " + size);
    Ends.Counts before = ends.counts();
    ends.testpmd.command("start tx_first 4");
    long start = System.nanoTime();
    Thread.sleep(MILLIS);
    ends.await("frames go round", () -> ends.counts().received() - before.received() > 2_000);
    Ends.Counts after = ends.counts();
    double seconds = (System.nanoTime() - start) / 1e9;
    ends.testpmd.command("stop");
    ends.drain();
    double mpps = (after.received() - before.received()) / seconds / 1e6;
    ends.figures.put("mpps_" + size, Math.round(mpps * 100) / 100.0);
  }

  /** Only a ring full can be delivered; all else must be counted. */
  private void receiverThatDoesNotRead(Ends ends) throws Exception {
    long before = ends.dropped();
    ends.testpmd.command("set fwd txonly");
    ends.testpmd.command("start");
    ends.await("frames are dropped", () -> ends.dropped() - before > 10_000);
    ends.testpmd.command("stop");
    ends.drain();
    ends.figures.put("drops", ends.drops());
  }

  private Path attach(String id, int number, int network) throws Exception {
    String mac = GuestConfig.of(number).mac();
    String[] words = {"--mac", mac, "--network", network + "", "--frontend", "virtio-user"};
    return sidecar.attach(id, words);
  }

  private List<String> features(String id) {
    List<String> features = new ArrayList<>();
    sidecar.guest(id).path("features").forEach(feature -> features.add(feature.asText()));
    return features;
  }

  private static long freeHugePages() throws IOException {
    return Files.readAllLines(Path.of("/proc/meminfo")).stream()
        .filter(line -> line.startsWith("HugePages_Free:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .sum();
  }

  /** Both accounts of the same frames: testpmd's two ports, and the daemon's two guests. */
  private final class Ends {
    private final Testpmd testpmd;
    private final String first;
    private final String second;
    private final Map<String, Object> figures = new LinkedHashMap<>();

    Ends(Testpmd testpmd, String first, String second) {
      this.testpmd = testpmd;
      this.first = first;
      this.second = second;
    }

    /** Sums over both ports. */
    record Counts(long sent, long received) {}

    Counts counts() {
      List<PortStats> ports = testpmd.stats().subList(1, 3);
      return new Counts(
          ports.stream().mapToLong(PortStats::txPackets).sum(),
          ports.stream().mapToLong(PortStats::rxPackets).sum());
    }

    Counts daemonCounts() {
      long sent = 0;
      long received = 0;
      for (String guest : List.of(first, second)) {
        JsonNode counters = sidecar.guest(guest).path("counters");
        sent += counters.path("sent_frames").asLong();
        received += counters.path("received_frames").asLong();
      }
      return new Counts(sent, received);
    }

    Map<String, Long> drops() {
      Map<String, Long> drops = new TreeMap<>();
      for (String guest : List.of(first, second)) {
        sidecar
            .guest(guest)
            .at("/counters/drops")
            .properties()
            .forEach(drop -> drops.merge(drop.getKey(), drop.getValue().asLong(), Long::sum));
      }
      return drops;
    }

    long dropped() {
      return drops().values().stream().mapToLong(Long::longValue).sum();
    }

    /** Lets testpmd read what its rings still hold, then compares the accounts. */
    void drain() throws Exception {
      testpmd.command("set fwd rxonly");
      testpmd.command("start");
      settle();
      testpmd.command("stop");
    }

    /** Waits until both accounts of what was sent, received and dropped agree exactly. */
    void settle() throws Exception {
      await("the accounts agree", this::agree);
    }

    void await(String what, BooleanSupplier condition) throws InterruptedException {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (!condition.getAsBoolean()) {
        assertTrue(System.nanoTime() < deadline, () -> "never: " + what + ": " + this);
        Thread.sleep(20);
      }
    }

    private boolean agree() {
      Counts ours = daemonCounts();
      return counts().equals(ours) && ours.sent() == ours.received() + dropped();
    }

    @Override
    public String toString() {
      return "testpmd " + counts() + ", daemon " + daemonCounts() + " drops " + drops();
    }
  }
}
