package dev.outboard.restart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.integration.UserException;
import dev.outboard.integration.rest.ApiClient;
import dev.outboard.integration.wire.Json;
import dev.outboard.lab.GuestConfig;
import dev.outboard.lab.Lab;
import dev.outboard.lab.LinuxGuest;
import dev.outboard.lab.QemuGuest;
import dev.outboard.testing.LongTier;
import dev.outboard.testing.SideBySide;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two unmodified Linux guests under QEMU, one of them with packed rings, through the end of
 * everything that can end: the daemon, planned and not, the VMM, the guest's kernel, its driver.
 * Each time they reach each other again, and the daemon has nothing left of what was before.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@SideBySide
final class QemuRestartTest {
  private static final QemuGuest.Extra RECONNECT = QemuGuest.Extra.chardev("reconnect=1");

  /** The same with packed rings, of which QEMU does not know where they stand after a kill. */
  private static final QemuGuest.Extra PACKED = new QemuGuest.Extra("reconnect=1", "", "packed=on");

  /** Few enough for emulated guests to take them at once, so that none has to be dropped. */
  private static final int FRAMES_PER_SECOND = 500;

  /** Frames of one sender that are shown to it as sent together: TransmitQueue.BURST. */
  private static final int BURST = 64;

  private Path folder;
  private String[] arguments;
  private DaemonProcess daemon;
  private QemuGuest one;
  private QemuGuest two;

  @BeforeAll
  void boot(@TempDir Path directory) throws Exception {
    Lab.require();
    folder = directory;
    Path config = folder.resolve("c.yaml");
    Files.writeString(config, "guests:\n" + declaration(1) + declaration(2));
    arguments =
        new String[] {
          "--config", config.toString(), "--api", folder.resolve("api.sock").toString()
        };
    daemon = new DaemonProcess(DaemonProcess.java(), arguments);
    daemon.awaitReady();
    one = QemuGuest.vhostUser(GuestConfig.of(1), socket(1), PACKED);
    two = QemuGuest.rebooting(GuestConfig.of(2), socket(2), RECONNECT);
    one.awaitReady();
    two.awaitReady();
    ping(one, two);
  }

  @AfterAll
  void end() {
    for (AutoCloseable each : new AutoCloseable[] {one, two, daemon}) {
      try {
        if (each != null) {
          each.close();
        }
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private Path socket(int number) {
    return folder.resolve(number + ".sock");
  }

  private String declaration(int number) {
    GuestConfig guest = GuestConfig.of(number);
    return "  - {id: %s, mac: '%s', socket: %s, ring: packed}%n"
        .formatted(guest.name(), guest.mac(), socket(number));
  }

  private static void ping(LinuxGuest from, LinuxGuest to) {
    from.run("ping -c 1 -W 15 " + to.config().address());
  }

  @Test
  @Order(1)
  void noFrameIsLostOrRepeatedWhileANewDaemonTakesOver() throws Exception {
    handOver(1);
  }

  @Test
  @Order(2)
  void guestsReachEachOtherAgainAfterAKill() throws Exception {
    kill(1);
  }

  @LongTier("qemu-hand-over")
  @Order(8)
  void noFrameIsLostOrRepeatedInFiftyHandOvers() throws Exception {
    handOver(50);
  }

  @LongTier("qemu-restart")
  @Order(9)
  void guestsReachEachOtherAgainAfterFiftyKills() throws Exception {
    kill(50);
  }

  private void handOver(int times) throws Exception {
    Figures figures = new Figures();
    List<NumberedFrames> both = bothWays();
    for (NumberedFrames each : both) {
      each.start(FRAMES_PER_SECOND);
    }
    long dropped = -dropped();
    for (int i = 0; i < times; i++) {
      DaemonProcess old = daemon;
      dropped += dropped();
      String[] all =
          List.of(arguments[0], arguments[1], arguments[2], arguments[3], "--take-over")
              .toArray(String[]::new);
      daemon = new DaemonProcess(DaemonProcess.java(), all);
      daemon.awaitReady();
      assertEquals(0, old.awaitEnd(), old.said());
      figures.add("guests at a standstill, as the new daemon says", daemon.standstillNanos());
    }
    figures.print("restart, QEMU, hand-over");
    assertNothingLost("restart, QEMU, hand-over", both, dropped, 0);
    assertEquals("running", state(1));
  }

  private void kill(int times) throws Exception {
    Figures figures = new Figures();
    for (int i = 0; i < times; i++) {
      ping(one, two);
      final long start = System.nanoTime();
      daemon.kill();
      daemon = new DaemonProcess(DaemonProcess.java(), arguments);
      final long ready = daemon.awaitReady();
      awaitState(1, "running");
      awaitState(2, "running");
      final long running = System.nanoTime();
      one.run("until ping -c 1 -W 1 " + two.config().address() + " >/dev/null; do :; done");
      long reply = System.nanoTime();
      figures.add("kill to first reply", reply - start);
      figures.add("  kill to the new daemon's ready", ready - start);
      figures.add("  ready to both guests running (QEMU waits whole seconds)", running - ready);
      figures.add("  both running to first reply", reply - running);
    }
    figures.print("restart, QEMU, kill -9");
  }

  @Test
  @Order(3)
  void aVmmThatWasKilledIsFollowedByANewOneAndNothingIsLeftOfIt() throws Exception {
    one.run("ping -c 1 -W 15 " + two.config().address());
    Held before = Held.of(daemon.handle().pid());
    for (int i = 0; i < 2; i++) {
      one.close();
      awaitState(1, "waiting");
      one = QemuGuest.vhostUser(GuestConfig.of(1), socket(1), PACKED);
      one.awaitReady();
      ping(two, one);
    }
    before.await(daemon.handle().pid());
  }

  @Test
  @Order(4)
  void aDriverThatIsReloadedGoesOn() throws Exception {
    Held before = Held.of(daemon.handle().pid());
    one.reloadDriver();
    ping(one, two);
    ping(two, one);
    before.await(daemon.handle().pid());
  }

  @Test
  @Order(5)
  void aGuestThatRebootsGoesOnInTheSameVmmOverTheSameConnection() throws Exception {
    ping(two, one);
    Held before = Held.of(daemon.handle().pid());
    Set<Path> sockets = sockets(two.process());
    two.reboot();
    ping(one, two);
    ping(two, one);
    assertEquals(sockets, sockets(two.process()));
    before.await(daemon.handle().pid());
    System.out.println("restart, QEMU: guest's reboot took " + two.bootTime());
  }

  private static Set<Path> sockets(ProcessHandle process) throws IOException {
    Set<Path> sockets = new TreeSet<>();
    Path descriptors = Path.of("/proc", Long.toString(process.pid()), "fd");
    try (DirectoryStream<Path> all = Files.newDirectoryStream(descriptors)) {
      for (Path each : all) {
        Path target = Files.readSymbolicLink(each);
        if (target.toString().startsWith("socket:")) {
          sockets.add(target);
        }
      }
    }
    return sockets;
  }

  @Test
  @Order(6)
  void whatTheDriverTookArrivesThoughTheDaemonIsKilled() throws Exception {
    killUnderNumbers(1);
  }

  @LongTier("qemu-numbers")
  @Order(10)
  void whatTheDriverTookArrivesThroughTwentyKills() throws Exception {
    killUnderNumbers(20);
  }

  private void killUnderNumbers(int times) throws Exception {
    List<NumberedFrames> both = bothWays();
    Random random = new Random();
    for (int i = 0; i < times; i++) {
      ping(one, two);
      long dropped = -dropped();
      for (NumberedFrames each : both) {
        each.start(FRAMES_PER_SECOND);
      }
      Thread.sleep(300 + random.nextInt(300)); // traffic of any length
      dropped += dropped();
      daemon.kill();
      daemon = new DaemonProcess(DaemonProcess.java(), arguments);
      daemon.awaitReady();
      awaitState(1, "running");
      awaitState(2, "running");
      assertNothingLost("restart, QEMU, kill -9", both, dropped, BURST);
    }
  }

  private List<NumberedFrames> bothWays() {
    return List.of(new NumberedFrames(one, two), new NumberedFrames(two, one));
  }

  /** Ends the frames; each that is missing must have been dropped for a reason, and counted. */
  private void assertNothingLost(
      String title, List<NumberedFrames> both, long droppedBefore, int mostRepeated)
      throws Exception {
    long missing = 0;
    for (NumberedFrames each : both) {
      NumberedFrames.Counts counts = each.stop();
      System.out.println(title + ": " + counts);
      assertTrue(counts.came() > 0 && counts.repeated() <= mostRepeated, counts.toString());
      assertEquals(0, counts.late(), counts.toString());
      missing += counts.missing();
    }
    long dropped = droppedBefore + dropped();
    System.out.println(title + ": frames dropped for a reason: " + dropped);
    assertTrue(missing <= dropped, missing + " are missing");
  }

  private long dropped() throws IOException, UserException {
    long dropped = 0;
    for (int number = 1; number <= 2; number++) {
      for (JsonNode reason : guest(number).path("counters").path("drops")) {
        dropped += reason.asLong();
      }
    }
    return dropped;
  }

  private String state(int number) throws IOException, UserException {
    return guest(number).path("state").asText();
  }

  private JsonNode guest(int number) throws IOException, UserException {
    try (ApiClient client = new ApiClient(folder.resolve("api.sock"))) {
      String name = GuestConfig.of(number).name();
      return Json.api().readTree(client.call("GET", "/guests/" + name, ""));
    }
  }

  private void awaitState(int number, String wanted) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!state(number).equals(wanted)) {
      assertTrue(System.nanoTime() < deadline, "not " + wanted + ": " + state(number));
      Thread.sleep(5);
    }
  }
}
