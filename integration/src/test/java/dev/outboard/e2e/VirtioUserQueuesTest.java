package dev.outboard.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.guest.dpdk.TestpmdConsole.PortStats;
import dev.outboard.lab.GuestConfig;
import dev.outboard.lab.Lab;
import dev.outboard.lab.Namespace;
import dev.outboard.lab.Testpmd;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** DPDK's driver with several queue pairs and buffers used in order, for one worker and for two. */
final class VirtioUserQueuesTest {
  private static final String FIRST = "a";
  private static final String SECOND = "b";
  private static final long MANY_FRAMES = 100_000;

  private Namespace network;
  private Sidecar sidecar;

  private void startDaemon(Path directory, int workers) throws IOException {
    Lab.require();
    network = Namespace.create();
    String configuration = workers == 1 ? "cpus: [0]\n" : "workers: " + workers + "\n";
    sidecar = new Sidecar(directory, network, configuration);
  }

  @AfterEach
  void stopDaemon() throws InterruptedException, IOException {
    if (sidecar != null) {
      assertEquals(0, sidecar.terminate(), sidecar.said());
      sidecar.close();
      network.close();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void flowsOfTwoQueuesArriveInTwoQueuesAndAreAccountedFor(int workers, @TempDir Path directory)
      throws Exception {
    startDaemon(directory, workers);
    Path from = attach(FIRST, 1);
    Path to = attach(SECOND, 2);
    Testpmd.Options options =
        Testpmd.Options.DEFAULT
            .withDevice("queues=2,in_order=1")
            .withApplication("--rxq=2 --txq=2 --txonly-multi-flow");
    try (Testpmd testpmd = Testpmd.virtioUser(options, from, to)) {
      testpmd.command("set fwd txonly");
      testpmd.command("start");
      assertEquals(workers, sidecar.guest(FIRST).path("workers").size());
      await(
          "frames are sent and arrive, as many as the rings hold",
          () -> counter("sent_frames") > MANY_FRAMES && counter("received_frames") > 1_000);
      testpmd.command("stop");
      testpmd.command("set fwd rxonly");
      testpmd.command("start");
      await("the accounts agree", () -> agree(testpmd));
      testpmd.command("stop");
      for (int port = 0; port < 2; port++) {
        Map<String, Long> statistics = testpmd.extendedStats(port);
        assertTrue(statistics.get("rx_q0_good_packets") > 0, statistics + "");
        assertTrue(statistics.get("rx_q1_good_packets") > 0, statistics + "");
        assertTrue(statistics.get("tx_q0_good_packets") > 0, statistics + "");
        assertTrue(statistics.get("tx_q1_good_packets") > 0, statistics + "");
      }
      List<String> features = new ArrayList<>();
      sidecar.guest(FIRST).path("features").forEach(each -> features.add(each.asText()));
      assertTrue(features.containsAll(List.of("MQ", "IN_ORDER")), features + "");
    }
  }

  private Path attach(String id, int number) throws Exception {
    return sidecar.attach(
        id, "--mac", GuestConfig.of(number).mac(), "--queues", "2", "--frontend", "virtio-user");
  }

  private long counter(String name) {
    return sidecar.guest(FIRST).path("counters").path(name).asLong()
        + sidecar.guest(SECOND).path("counters").path(name).asLong();
  }

  private long dropped() {
    long dropped = 0;
    for (String guest : List.of(FIRST, SECOND)) {
      for (JsonNode reason : sidecar.guest(guest).at("/counters/drops")) {
        dropped += reason.asLong();
      }
    }
    return dropped;
  }

  /** What testpmd says it sent and received, and what the daemon says. */
  private boolean agree(Testpmd testpmd) {
    List<PortStats> ports = testpmd.stats();
    long sent = ports.stream().mapToLong(PortStats::txPackets).sum();
    long received = ports.stream().mapToLong(PortStats::rxPackets).sum();
    return sent == counter("sent_frames")
        && received == counter("received_frames")
        && sent == received + dropped();
  }

  private void await(String what, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, () -> "never: " + what + ": " + sidecar.stats());
      Thread.sleep(20);
    }
  }
}
