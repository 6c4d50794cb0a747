package dev.outboard.integration.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.integration.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is read from /proc, and the directory that a killed comparison leaves. */
final class CountersTest {
  private static final List<String> DEVICES =
      List.of(
          "Inter-|   Receive                         |  Transmit",
          " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs"
              + " drop fifo colls carrier compressed",
          "    lo:       9       9    9    9    9     9          9         9        9       9    9"
              + "    9    9     9       9          9",
          "  tap0:       1       2    0    3    0     0          0         0        5       6    0"
              + "    7    0     0       0          0",
          "obab1t0:      1       2    0    4    0     0          0         0        5       6    0"
              + "    8    0     0       0          0",
          "ob0123456789abt:1     2    0   99    0     0          0         0        5       6    0"
              + "   99    0     0       0          0");

  @TempDir private Path directory;

  @Test
  void tapsAreReadAndBridgesAreNot() {
    assertEquals(
        Map.of("tap-queue-full", 15L, "tap-refused", 7L),
        KernelDrops.devices("veth0", false, DEVICES));
    assertEquals(Map.of("tap-queue-full", 15L), KernelDrops.devices("veth0", true, DEVICES));
  }

  @Test
  void whatTheWireBetweenHostsDroppedCountsInEachArm() {
    List<String> wire =
        List.of(
            " veth0:      1       2    0    5    0     0          0         0        5       6    0"
                + "    7    0     0       0          0");
    for (Arm arm : List.of(Arm.IOURING, Arm.TUNTAP, Arm.VMM_TAP, Arm.HOST)) {
      assertEquals(
          Map.of("veth-receive", 5L, "veth-transmit", 7L),
          KernelDrops.devices("veth0", arm == Arm.TUNTAP, wire));
    }
  }

  @Test
  void aSocketsErrorsAreFoundByName() {
    assertEquals(
        Map.of("socket-full", 4L),
        KernelDrops.sockets(
            List.of("Tcp: A B", "Tcp: 1 2", "Udp: InDatagrams InErrors Out", "Udp: 9 4 7")));
  }

  @Test
  void busyIsWhatIsNotRest() {
    CpuTime start =
        CpuTime.parse(List.of("cpu  1 1 1 100 20 1 1 3 0 0", "cpu0 0", "cpu1 0", "intr 7"), 0);
    CpuTime end =
        CpuTime.parse(
            List.of("cpu  9 9 9 150 30 9 9 13 0 0", "cpu0 0", "cpu1 0", "intr 7"), 1_000_000_000);
    assertEquals(1, end.wallSince(start));
    assertEquals(2 - 0.7, end.busySince(start), 1e-9);
  }

  @Test
  void whatAKilledOneHasLeftIsDeleted() throws IOException, UserException {
    Path left = Files.createDirectory(directory.resolve("outboard-compare-999999999-5"));
    Files.writeString(Files.createDirectory(left.resolve("local")).resolve("api.sock"), "");
    Path other = Files.createDirectory(directory.resolve("outboard-compare-mine"));
    try (RunDirectory first = RunDirectory.create(directory)) {
      assertFalse(Files.exists(left));
      assertTrue(Files.exists(other));
      assertTrue(Files.exists(first.path()));
    }
    assertEquals(1, directory.toFile().list().length);
  }
}
