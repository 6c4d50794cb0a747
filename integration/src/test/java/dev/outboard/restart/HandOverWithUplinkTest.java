package dev.outboard.restart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.outboard.guest.GuestOptions;
import dev.outboard.lab.Namespace;
import dev.outboard.linux.Processes;
import dev.outboard.testing.LongTier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A new daemon takes over guests whose frames go over TAPs and a bridge, with the TAPs themselves:
 * what comes while nobody reads waits in their queues, whose 500 frames are more than the load has
 * under way. So nothing is lost, nothing comes twice, and no device is added or left behind.
 */
final class HandOverWithUplinkTest {
  private static final long SLICE = TimeUnit.MILLISECONDS.toNanos(5);
  private static final int NETWORK = 7;
  private static final Pattern NAME = Pattern.compile("\\d+: ([^:@]+).*");
  private static final Pattern OWNER = Pattern.compile(".*outboard owner=\\d+/(\\d+)/.*");

  @TempDir private Path folder;
  private Namespace network;
  private List<String> devicesBefore;

  @BeforeEach
  void makeNetwork() {
    assumeTrue(Processes.isRoot(), "making TAPs needs root");
    network = Namespace.create();
    devicesBefore = devices();
  }

  @AfterEach
  void removeNetwork() {
    if (network != null) {
      network.close();
    }
  }

  @Test
  void noFrameIsLostOrRepeated() throws Exception {
    handOver(1);
  }

  @LongTier("hand-over-uplink")
  void noFrameIsLostOrRepeatedInFiftyHandOvers() throws Exception {
    handOver(50);
  }

  private void handOver(int times) throws Exception {
    configure(NETWORK);
    Figures figures = new Figures();
    DaemonProcess daemon = start();
    try (TwoWayLoad load = load()) {
      load.awaitFrames();
      daemon.awaitReady();
      List<String> guestDevices = guestDevices();
      assertEquals(3, guestDevices.size(), "two TAPs and a bridge");
      for (int i = 0; i < times; i++) {
        load.run(TimeUnit.MILLISECONDS.toNanos(200));
        load.takeLongestGap();
        final DaemonProcess old = daemon;
        daemon = start("--take-over");
        while (!daemon.isReady()) {
          load.run(SLICE);
        }
        figures.add("longest time without a frame, hand-over", load.takeLongestGap());
        daemon.awaitReady();
        assertEquals(0, old.awaitEnd(), old.said());
        figures.add("guests at a standstill, as the new daemon says", daemon.standstillNanos());
        assertEquals(guestDevices, guestDevices());
        assertEquals(List.of(Long.toString(daemon.handle().pid())), owners());
      }
      load.awaitFrames();
      load.assertNothingLost(0);
      assertEndsCleanly(daemon);
    } finally {
      daemon.close();
      figures.print("restart, driver over TAPs, hand-over");
    }
  }

  @Test
  void portsStayWithARunningDaemonIfTheNewOneFails() throws Exception {
    configure(NETWORK);
    try (DaemonProcess daemon = start();
        TwoWayLoad load = load()) {
      load.awaitFrames();
      daemon.awaitReady();
      final List<String> guestDevices = guestDevices();
      configure(NETWORK + 1);
      DaemonProcess failing = start("--take-over");
      while (failing.handle().isAlive()) {
        load.run(SLICE);
      }
      assertEquals(1, failing.awaitEnd(), failing.said());
      assertTrue(
          failing.said().contains("its port in the running daemon is for network 7"),
          failing.said());
      assertEquals(guestDevices, guestDevices());
      load.awaitFrames();
      load.assertNothingLost(0);
      assertEndsCleanly(daemon);
    }
  }

  @Test
  void whatADaemonTookOverIsClearedAwayAfterAKill() throws Exception {
    configure(NETWORK);
    DaemonProcess daemon = start();
    try {
      daemon.awaitReady();
      final DaemonProcess old = daemon;
      daemon = start("--take-over");
      daemon.awaitReady();
      assertEquals(0, old.awaitEnd(), old.said());
      daemon.kill();
      assertEquals(1, owners().size(), "the bridge outlives it");
      daemon = start();
      daemon.awaitReady();
      assertEquals(List.of(Long.toString(daemon.handle().pid())), owners());
      assertEndsCleanly(daemon);
    } finally {
      daemon.close();
    }
  }

  private void assertEndsCleanly(DaemonProcess daemon) throws InterruptedException {
    assertTrue(daemon.handle().destroy());
    int _ = daemon.awaitEnd();
    assertEquals(devicesBefore, devices());
  }

  private void configure(int number) throws IOException {
    Files.writeString(
        folder.resolve("c.yaml"),
        TwoWayLoad.configurationWithUplink(
            folder.resolve("1.sock"), folder.resolve("2.sock"), number));
  }

  private DaemonProcess start(String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--config", folder.resolve("c.yaml").toString(),
                "--api", folder.resolve("api.sock").toString()));
    arguments.addAll(List.of(more));
    return new DaemonProcess(network.enter(DaemonProcess.java()), arguments.toArray(String[]::new));
  }

  private TwoWayLoad load() throws IOException {
    return new TwoWayLoad(GuestOptions.DEFAULT, folder.resolve("1.sock"), folder.resolve("2.sock"));
  }

  /** The names of all devices. */
  private List<String> devices() {
    return network
        .ip("-o", "link", "show")
        .lines()
        .map(line -> NAME.matcher(line).replaceFirst("$1"))
        .sorted()
        .toList();
  }

  /** The devices that guests use: our bridges and their ports, with the kernel's numbers. */
  private List<String> guestDevices() {
    return network
        .ip("-o", "link", "show", "up")
        .lines()
        .filter(line -> line.contains(": ob"))
        .map(line -> line.replaceFirst("^(\\d+: [^:@]+).*", "$1"))
        .sorted()
        .toList();
  }

  /** The processes that devices name as their owners. */
  private List<String> owners() {
    return network
        .ip("-d", "-o", "link", "show")
        .lines()
        .filter(line -> OWNER.matcher(line).matches())
        .map(line -> OWNER.matcher(line).replaceFirst("$1"))
        .collect(Collectors.collectingAndThen(Collectors.toCollection(TreeSet::new), List::copyOf));
  }
}
