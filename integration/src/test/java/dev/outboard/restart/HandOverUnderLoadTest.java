package dev.outboard.restart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.GuestOptions;
import dev.outboard.integration.RunningDaemon;
import dev.outboard.testing.LongTier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A new daemon takes the guests over while frames go both ways at full speed. No VMM notices: no
 * socket is closed, no frame is lost or repeated.
 */
final class HandOverUnderLoadTest {
  private static final long SLICE = TimeUnit.MILLISECONDS.toNanos(5);

  @TempDir private Path folder;

  @Test
  void noFrameIsLostOrRepeated() throws Exception {
    handOver(1, GuestOptions.DEFAULT, "");
  }

  @Test
  void withAnInflightFileItIsTheSame() throws Exception {
    handOver(1, GuestOptions.DEFAULT.withInflight(), ", in-flight file");
  }

  @LongTier("hand-over")
  void noFrameIsLostOrRepeatedInFiftyHandOvers() throws Exception {
    handOver(50, GuestOptions.DEFAULT, "");
  }

  @LongTier("hand-over-inflight")
  void noFrameIsLostOrRepeatedInFiftyHandOversWithAnInflightFile() throws Exception {
    handOver(50, GuestOptions.DEFAULT.withInflight(), ", in-flight file");
  }

  private String[] arguments(String... more) {
    String[] arguments = new String[4 + more.length];
    arguments[0] = "--config";
    arguments[1] = folder.resolve("c.yaml").toString();
    arguments[2] = "--api";
    arguments[3] = folder.resolve("api.sock").toString();
    System.arraycopy(more, 0, arguments, 4, more.length);
    return arguments;
  }

  private TwoWayLoad load(GuestOptions options) throws Exception {
    return new TwoWayLoad(options, folder.resolve("1.sock"), folder.resolve("2.sock"));
  }

  private void handOver(int times, GuestOptions options, String with) throws Exception {
    String title = "restart, driver, hand-over" + with;
    Files.writeString(folder.resolve("c.yaml"), configuration());
    Figures figures = new Figures();
    DaemonProcess daemon = new DaemonProcess(DaemonProcess.java(), arguments());
    try (TwoWayLoad load = load(options)) {
      load.awaitFrames();
      daemon.awaitReady();
      for (int i = 0; i < times; i++) {
        load.takeLongestGap();
        load.run(TimeUnit.MILLISECONDS.toNanos(200));
        figures.add("longest time without a frame, before", load.takeLongestGap());
        final DaemonProcess old = daemon;
        daemon = new DaemonProcess(DaemonProcess.java(), arguments("--take-over"));
        while (!daemon.isReady()) {
          load.run(SLICE);
        }
        figures.add("longest time without a frame, hand-over", load.takeLongestGap());
        daemon.awaitReady();
        assertEquals(0, old.awaitEnd(), old.said());
        assertTrue(daemon.said().contains("took over 2 guests from process "), daemon.said());
        figures.add("guests at a standstill, as the new daemon says", daemon.standstillNanos());
      }
      load.assertNothingLost(0);
      System.out.println(title + ": " + load);
    } finally {
      daemon.close();
      figures.print(title);
    }
  }

  private String configuration() {
    return TwoWayLoad.configuration(folder.resolve("1.sock"), folder.resolve("2.sock"));
  }

  @Test
  void guestsStayWithARunningDaemonIfTheNewOneFails() throws Exception {
    Files.writeString(folder.resolve("c.yaml"), configuration());
    try (DaemonProcess daemon = new DaemonProcess(DaemonProcess.java(), arguments());
        TwoWayLoad load = load(GuestOptions.DEFAULT)) {
      load.awaitFrames();
      daemon.awaitReady();
      Files.writeString(folder.resolve("c.yaml"), "guests: []\n");
      DaemonProcess failing = new DaemonProcess(DaemonProcess.java(), arguments("--take-over"));
      while (failing.handle().isAlive()) {
        load.run(SLICE);
      }
      assertEquals(1, failing.awaitEnd(), failing.said());
      assertTrue(
          failing.said().contains("guest 'g1' of the running daemon is not declared here"),
          failing.said());
      load.awaitFrames();
      load.assertNothingLost(0);
      assertEquals(
          0, RunningDaemon.command("list", "--api", folder.resolve("api.sock").toString()).code());
    }
  }

  @Test
  void withoutARunningDaemonThereIsOneLine() throws Exception {
    RunningDaemon.Outcome outcome =
        RunningDaemon.command("run", "--take-over", "--api", folder.resolve("api.sock").toString());
    assertEquals(1, outcome.code(), outcome.toString());
    assertEquals(1, outcome.err().lines().count(), outcome.err());
    assertTrue(outcome.err().contains("there is no daemon to take over from"), outcome.err());
  }
}
