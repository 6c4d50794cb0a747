package dev.outboard.restart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two unmodified Linux guests under QEMU, through the end of everything that can end: the daemon,
 * planned and not, the VMM, the guest's driver. Each time they reach each other again, and the
 * daemon has nothing left of what was before.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class QemuRestartTest {
  private static final QemuGuest.Extra RECONNECT = QemuGuest.Extra.chardev("reconnect=1");
  private static final Pattern PINGS =
      Pattern.compile("(\\d+) packets transmitted, (\\d+) packets received");

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
    one = QemuGuest.vhostUser(GuestConfig.of(1), socket(1), RECONNECT);
    two = QemuGuest.vhostUser(GuestConfig.of(2), socket(2), RECONNECT);
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
    return "  - {id: %s, mac: '%s', socket: %s}%n"
        .formatted(guest.name(), guest.mac(), socket(number));
  }

  private static void ping(LinuxGuest from, LinuxGuest to) {
    from.run("ping -c 1 -W 15 " + to.config().address());
  }

  @Test
  @Order(1)
  void noPingIsLostWhileANewDaemonTakesOver() throws Exception {
    handOver(1);
  }

  @Test
  @Order(2)
  void guestsReachEachOtherAgainAfterAKill() throws Exception {
    kill(1);
  }

  @LongTier("qemu-hand-over")
  @Order(8)
  void noPingIsLostInFiftyHandOvers() throws Exception {
    handOver(50);
  }

  @LongTier("qemu-restart")
  @Order(9)
  void guestsReachEachOtherAgainAfterFiftyKills() throws Exception {
    kill(50);
  }

  private void handOver(int times) throws Exception {
    Figures figures = new Figures();
    one.run("ping -i 0.02 " + two.config().address() + " >/tmp/pings 2>&1 & echo $! >/tmp/pid");
    for (int i = 0; i < times; i++) {
      DaemonProcess old = daemon;
      String[] all =
          List.of(arguments[0], arguments[1], arguments[2], arguments[3], "--take-over")
              .toArray(String[]::new);
      daemon = new DaemonProcess(DaemonProcess.java(), all);
      daemon.awaitReady();
      assertEquals(0, old.awaitEnd(), old.said());
      figures.add("guests at a standstill, as the new daemon says", daemon.standstillNanos());
    }
    String pings = one.run("kill -INT $(cat /tmp/pid); sleep 0.5; tail -n 4 /tmp/pings");
    Matcher counted = PINGS.matcher(pings);
    assertTrue(counted.find(), pings);
    // The last one may be under way when ping is told to stop.
    long lost = Long.parseLong(counted.group(1)) - Long.parseLong(counted.group(2));
    assertTrue(lost <= 1, pings);
    assertFalse(pings.contains("duplicates"), pings);
    figures.print("restart, QEMU, hand-over");
    System.out.println("restart, QEMU, hand-over: " + counted.group());
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
      one = QemuGuest.vhostUser(GuestConfig.of(1), socket(1), RECONNECT);
      one.awaitReady();
      ping(two, one);
    }
    assertEquals(before, Held.of(daemon.handle().pid()));
  }

  @Test
  @Order(4)
  void aDriverThatIsReloadedGoesOn() throws Exception {
    Held before = Held.of(daemon.handle().pid());
    GuestConfig config = one.config();
    one.run(
        "rmmod virtio_net && insmod /lib/modules/$(uname -r)/virtio_net.ko && sleep 0.2"
            + " && ip link set eth0 up && ip addr add "
            + config.ip()
            + " dev eth0");
    ping(one, two);
    ping(two, one);
    assertEquals(before, Held.of(daemon.handle().pid()));
  }

  private String state(int number) throws IOException, UserException {
    try (ApiClient client = new ApiClient(folder.resolve("api.sock"))) {
      String name = GuestConfig.of(number).name();
      JsonNode guest = Json.api().readTree(client.call("GET", "/guests/" + name, ""));
      return guest.path("state").asText();
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
