package dev.outboard.restart;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.outboard.lab.GuestConfig;
import dev.outboard.lab.Lab;
import dev.outboard.lab.Namespace;
import dev.outboard.lab.QemuGuest;
import dev.outboard.testing.LongTier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two unmodified Linux guests under QEMU whose frames take shared memory and real TAPs in turns,
 * while they flow: all arrive, none twice, and a stream of TCP is what was sent.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SwapUnderLoadTest {
  private static final String TO_TAPS =
      "{\"all\": true, \"to\": \"lan\", \"local_forwarding\": \"off\"}";
  private static final String TO_SHARED_MEMORY = "{\"all\": true, \"to\": \"local\"}";

  private static final String TO_OTHER_TAPS = "{\"all\": true, \"to\": \"lan2\"}";

  private Namespace network;
  private Path folder;
  private DaemonProcess daemon;
  private QemuGuest one;
  private QemuGuest two;
  private SwapTraffic traffic;
  private SwapTraffic taps;

  @BeforeAll
  void boot(@TempDir Path directory) throws Exception {
    Lab.require();
    folder = directory;
    network = Namespace.create();
    Path config = folder.resolve("c.yaml");
    Files.writeString(
        config,
        "uplinks: {lan: {transport: tuntap}, lan2: {transport: tuntap}}\nguests:\n"
            + declaration(1)
            + declaration(2));
    daemon =
        new DaemonProcess(
            network.enter(DaemonProcess.java()),
            "--config",
            config.toString(),
            "--api",
            folder.resolve("api.sock").toString());
    daemon.awaitReady();
    one = QemuGuest.vhostUser(GuestConfig.of(1), socket(1), QemuGuest.Extra.NONE);
    two = QemuGuest.vhostUser(GuestConfig.of(2), socket(2), QemuGuest.Extra.NONE);
    one.awaitReady();
    two.awaitReady();
    one.run("ping -c 1 -W 15 " + two.config().address());
    List<Path> host = List.of(folder.resolve("api.sock"));
    traffic = new SwapTraffic("swap, one host", one, two, host, TO_TAPS, TO_SHARED_MEMORY);
    taps = new SwapTraffic("swap, TAPs", one, two, host, TO_OTHER_TAPS, TO_TAPS);
  }

  @AfterAll
  void end() throws Exception {
    for (AutoCloseable each : new AutoCloseable[] {one, two, daemon, network}) {
      if (each != null) {
        each.close();
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

  @Test
  void numberedFramesArriveOnceThroughTwoSwaps() throws Exception {
    traffic.numbers(2);
  }

  @Test
  void aStreamIsWhatWasSentThroughTwoSwaps() throws Exception {
    traffic.stream(2);
  }

  @Test
  void tenSwapsOfIdleAndLoadedGuestsLeaveNothingBehind() throws Exception {
    leaveNothing(10);
  }

  @LongTier("swap-leaks")
  void aThousandSwapsOfIdleAndLoadedGuestsLeaveNothingBehind() throws Exception {
    leaveNothing(1000);
  }

  /** Half of them while nothing flows, half while pings do; TAPs come and go each time. */
  private void leaveNothing(int swaps) throws Exception {
    taps.swap(2, 0);
    long pid = daemon.handle().pid();
    final Held before = Held.of(pid);
    final long devices = devices();
    taps.swap(swaps / 2 & ~1, 0);
    one.background(
        "while [ ! -e /tmp/end ]; do ping -q -c 50 -i 0.002 "
            + two.config().address()
            + " >/dev/null; done",
        "/tmp/log");
    taps.swap(swaps / 2 & ~1, 20);
    one.run("touch /tmp/end");
    before.await(pid);
    assertEquals(devices, devices());
  }

  private long devices() {
    return network.ip("-o", "link", "show").lines().count();
  }

  @LongTier("swap")
  void numberedFramesArriveOnceThroughAHundredSwaps() throws Exception {
    traffic.numbers(100);
  }

  @LongTier("swap-stream")
  void aStreamIsWhatWasSentThroughAHundredSwaps() throws Exception {
    traffic.stream(100);
  }
}
