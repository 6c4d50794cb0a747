package dev.outboard.restart;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.outboard.guest.GuestOptions;
import dev.outboard.integration.UserException;
import dev.outboard.integration.rest.ApiClient;
import dev.outboard.lab.Namespace;
import dev.outboard.linux.Processes;
import dev.outboard.testing.LongTier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two stand-in guests send as fast as they can while their frames change between shared memory and
 * real TAPs: none is missing, and how long no frame came is said beside how long none came without
 * a swap.
 */
final class SwapPauseTest {
  private static final long SLICE = TimeUnit.MILLISECONDS.toNanos(1);
  private static final String TO_TAPS =
      "{\"all\": true, \"to\": \"lan\", \"local_forwarding\": \"off\"}";
  private static final String TO_SHARED_MEMORY = "{\"all\": true, \"to\": \"local\"}";

  @TempDir private Path folder;
  private Namespace network;

  @BeforeEach
  void makeNetwork() {
    assumeTrue(Processes.isRoot(), "making TAPs needs root");
    network = Namespace.create();
  }

  @AfterEach
  void removeNetwork() {
    if (network != null) {
      network.close();
    }
  }

  @Test
  void noFrameIsMissingInFourSwaps() throws Exception {
    pauses(4);
  }

  @LongTier("swap-pause")
  void noFrameIsMissingInAHundredSwaps() throws Exception {
    pauses(100);
  }

  private void pauses(int swaps) throws Exception {
    Path first = folder.resolve("1.sock");
    Path second = folder.resolve("2.sock");
    Path config = folder.resolve("c.yaml");
    Files.writeString(
        config, "uplinks: {lan: {transport: tuntap}}\n" + TwoWayLoad.configuration(first, second));
    Figures figures = new Figures();
    try (DaemonProcess daemon =
            new DaemonProcess(
                network.enter(DaemonProcess.java()),
                "--config",
                config.toString(),
                "--api",
                folder.resolve("api.sock").toString());
        TwoWayLoad load = new TwoWayLoad(GuestOptions.DEFAULT, first, second)) {
      daemon.awaitReady();
      load.awaitFrames();
      load.run(TimeUnit.MILLISECONDS.toNanos(500));
      for (int i = 0; i < swaps; i++) {
        boolean toTaps = i % 2 == 0;
        String way = toTaps ? "to TAPs" : "to shared memory";
        load.takeLongestGap();
        long start = System.nanoTime();
        while (System.nanoTime() < start + 50 * SLICE) {
          load.run(SLICE);
        }
        figures.add(
            "longest time without a frame, no swap, before one " + way, load.takeLongestGap());
        CompletableFuture<Void> swap = start("/swaps/s" + i, toTaps ? TO_TAPS : TO_SHARED_MEMORY);
        while (!swap.isDone()) {
          load.run(SLICE);
        }
        swap.get();
        figures.add("longest time without a frame, swap " + way, load.takeLongestGap());
        load.awaitFrames();
      }
      load.assertAllCame();
      figures.print("swap, driver");
      System.out.println("swap, driver: " + load);
    }
  }

  private CompletableFuture<Void> start(String path, String body) {
    return CompletableFuture.runAsync(
        () -> {
          try (ApiClient client = new ApiClient(folder.resolve("api.sock"))) {
            client.call("PUT", path, body);
            client.call("PATCH", path, "{\"state\": \"committed\"}");
            client.call("PATCH", path, "{\"state\": \"finished\"}");
          } catch (UserException e) {
            throw new IllegalStateException(e);
          }
        });
  }
}
