package dev.outboard.restart;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.GuestOptions;
import dev.outboard.testing.LongTier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The daemon is killed at any moment while frames go both ways at full speed, and started again.
 * Nothing that a guest gave to it is lost, no descriptor is lost or completed twice, and of each
 * sender at most the burst that was under way comes once more.
 */
final class KillUnderLoadTest {
  /** Frames of one sender that are shown to it as sent together: TransmitQueue.BURST. */
  private static final int BURST = 64;

  @TempDir private Path folder;

  @Test
  void nothingIsLostAndAtMostABurstIsRepeated() throws Exception {
    kill(1, GuestOptions.DEFAULT, "");
  }

  @Test
  void withAnInflightFileItIsTheSame() throws Exception {
    kill(1, GuestOptions.DEFAULT.withInflight(), ", in-flight file");
  }

  /** The VMM tells the new daemon where the rings stood when they were made, as QEMU does. */
  @Test
  void withPackedRingsItIsTheSame() throws Exception {
    kill(1, GuestOptions.PACKED, ", packed rings");
  }

  @LongTier("restart-packed")
  void nothingIsLostInFiftyKillsWithPackedRings() throws Exception {
    kill(50, GuestOptions.PACKED, ", packed rings");
  }

  @LongTier("restart")
  void nothingIsLostInFiftyKills() throws Exception {
    kill(50, GuestOptions.DEFAULT, "");
  }

  @LongTier("restart-inflight")
  void nothingIsLostInFiftyKillsWithAnInflightFile() throws Exception {
    kill(50, GuestOptions.DEFAULT.withInflight(), ", in-flight file");
  }

  private void kill(int kills, GuestOptions options, String with) throws Exception {
    List<String> java = DaemonProcess.java();
    String title = "restart, driver, kill -9" + with;
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Path first = folder.resolve("1.sock");
    Path second = folder.resolve("2.sock");
    Path config = folder.resolve("c.yaml");
    Files.writeString(config, TwoWayLoad.configuration(first, second));
    String[] arguments = {
      "--config", config.toString(), "--api", folder.resolve("api.sock").toString()
    };
    Figures figures = new Figures();
    DaemonProcess daemon = new DaemonProcess(java, arguments);
    try (TwoWayLoad load = new TwoWayLoad(options, first, second)) {
      for (int kill = 0; kill < kills; kill++) {
        load.awaitFrames();
        daemon.awaitReady();
        load.run(TimeUnit.MILLISECONDS.toNanos(200 + random.nextInt(300)));
        final long[] repeatedBefore = load.repeated();
        final long start = System.nanoTime();
        daemon.kill();
        final long dead = System.nanoTime();
        daemon = new DaemonProcess(java, arguments);
        load.drain();
        load.reconnect();
        final long connected = System.nanoTime();
        long frame = load.awaitFirstFrame();
        figures.add("kill to first frame", frame - start);
        figures.add("  kill to its end", dead - start);
        figures.add("  start to first line", daemon.firstLineAt() - dead);
        figures.add("  first line to guests reconnected", connected - daemon.firstLineAt());
        figures.add("  guests reconnected to first frame", frame - connected);
        load.awaitFrames();
        figures.repeated(load.repeated(), repeatedBefore);
      }
      load.run(TimeUnit.MILLISECONDS.toNanos(100));
      load.assertNothingLost(kills);
      System.out.println(title + ": " + load);
    } finally {
      daemon.close();
      figures.print(title);
    }
    assertTrue(figures.mostRepeated() <= BURST, figures.toString());
  }
}
