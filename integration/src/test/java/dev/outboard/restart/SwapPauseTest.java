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
        runDuring(load, this::callThreeTimes);
        figures.add("longest time without a frame, other calls", load.takeLongestGap());
        String path = "/swaps/s" + i;
        runDuring(load, api -> swap(api, path, toTaps ? TO_TAPS : TO_SHARED_MEMORY));
        figures.add("longest time without a frame, swap " + way, load.takeLongestGap());
        load.awaitFrames();
      }
      load.assertAllCame();
      figures.print("swap, driver");
      System.out.println("swap, driver: " + load);
    }
  }

  private interface Calls {
    void make(ApiClient api) throws UserException;
  }

  private void runDuring(TwoWayLoad load, Calls calls) throws Exception {
    CompletableFuture<Void> made =
        CompletableFuture.runAsync(
            () -> {
              try (ApiClient api = new ApiClient(folder.resolve("api.sock"))) {
                calls.make(api);
              } catch (UserException e) {
                throw new IllegalStateException(e);
              }
            });
    while (!made.isDone()) {
      load.run(SLICE);
    }
    made.get();
  }

  private void swap(ApiClient api, String path, String body) throws UserException {
    String _ = api.call("PUT", path, body);
    String _ = api.call("PATCH", path, "{\"state\": \"committed\"}");
    String _ = api.call("PATCH", path, "{\"state\": \"finished\"}");
  }

  /** What a swap costs that changes nothing: its client, its calls and their threads. */
  private void callThreeTimes(ApiClient api) throws UserException {
    for (int i = 0; i < 3; i++) {
      String _ = api.call("GET", "/swaps", "");
    }
  }
}
