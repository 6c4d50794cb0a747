package dev.outboard.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.lab.GuestConfig;
import dev.outboard.lab.Iperf3;
import dev.outboard.lab.Lab;
import dev.outboard.lab.LinuxGuest;
import dev.outboard.lab.Namespace;
import dev.outboard.lab.QemuGuest;
import dev.outboard.testing.SideBySide;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Linux guest whose VMM asks for packed rings, beside one with split ones. */
@SideBySide
final class PackedGuestsTest {
  /** Losses that a small ring and a burst of TCP explain; any other reason is a bug. */
  private static final Set<String> EXPLAINED = Set.of("destination-full", "destination-stalled");

  @TempDir Path folder;

  @BeforeAll
  static void hostCanRunGuests() {
    Lab.require();
  }

  @Test
  void linuxWithPackedRingsTalksToItsLikeAndToSplitOnes() throws Exception {
    try (Namespace network = Namespace.create();
        Sidecar sidecar = new Sidecar(folder, network, "")) {
      QemuGuest.Extra packed = QemuGuest.Extra.device("packed=on");
      try (LinuxGuest one = boot(sidecar, 1, packed);
          LinuxGuest two = boot(sidecar, 2, packed);
          LinuxGuest three = boot(sidecar, 3, QemuGuest.Extra.NONE)) {
        for (LinuxGuest each : List.of(one, two, three)) {
          each.awaitReady();
        }
        assertTrue(features(sidecar, one).contains("RING_PACKED"));
        assertTrue(features(sidecar, two).contains("RING_PACKED"));
        assertTrue(!features(sidecar, three).contains("RING_PACKED"));
        for (LinuxGuest other : List.of(two, three)) {
          Traffic.ping(one, other);
          Iperf3.serve(other);
          Iperf3 there = Iperf3.tcp(one, other.config().address(), 1);
          Iperf3 back = Iperf3.run(one, other.config().address(), 1, "-R");
          System.out.printf(
              "figure: packed rings, QEMU: to %s rings %.2f Gbit/s, back %.2f Gbit/s%n",
              other == two ? "packed" : "split", there.gbits(), back.gbits());
          assertTrue(there.gbits() > 0.01 && back.gbits() > 0.01, there + " " + back);
        }
        startDriverAgain(one);
        one.run("ping -c 2 -i 0.2 -W 9 " + two.config().address());
        for (LinuxGuest each : List.of(one, two, three)) {
          sidecar
              .guest(each.config().name())
              .at("/counters/drops")
              .properties()
              .forEach(drop -> assertTrue(EXPLAINED.contains(drop.getKey()), drop + ""));
        }
      }
      assertEquals(0, sidecar.terminate(), sidecar.said());
    }
  }

  private static LinuxGuest boot(Sidecar sidecar, int number, QemuGuest.Extra extra)
      throws Exception {
    GuestConfig config = GuestConfig.of(number);
    Path socket =
        sidecar.attach(
            config.name(),
            "--mac",
            config.mac(),
            "--ip",
            config.address(),
            "--ip",
            config.address6(),
            "--frontend",
            "qemu");
    return QemuGuest.vhostUser(config, socket, extra);
  }

  /** The driver lets go of its rings and lays out new ones. */
  private static void startDriverAgain(LinuxGuest guest) {
    guest.run(
        "cd /sys/bus/virtio/drivers/virtio_net && echo virtio0 >unbind && echo virtio0 >bind");
    guest.run("ip link set eth0 up");
    guest.run("ip addr add " + guest.config().ip() + " dev eth0");
  }

  private static List<String> features(Sidecar sidecar, LinuxGuest guest) {
    JsonNode status = sidecar.guest(guest.config().name());
    List<String> features = new ArrayList<>();
    status.path("features").forEach(feature -> features.add(feature.asText()));
    return features;
  }
}
