package dev.outboard.integration.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.vhost.VhostUserFrontend;
import dev.outboard.integration.RunningDaemon;
import dev.outboard.integration.rest.ApiClient;
import dev.outboard.integration.wire.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A daemon whose guests are silent costs nothing worth speaking of. */
final class IdleDaemonTest {
  private static final int GUESTS = 10;
  private static final int SETTLE_MILLIS = 3_000;
  private static final int MEASURE_MILLIS = 5_000;

  /** What the kernel counts processor time in: USER_HZ, 100 on all Linux systems of x86. */
  private static final int MILLIS_PER_TICK = 10;

  /** In {@code /proc/PID/stat}, counted from the state that follows the name in parentheses. */
  private static final int USER_TIME = 11;

  private static final int SYSTEM_TIME = 12;

  @TempDir private Path directory;

  @Test
  void tenIdleGuestsTakeLessThanAHundredthOfACore() throws Exception {
    List<VhostUserGuest> guests = new ArrayList<>();
    try (RunningDaemon daemon = new RunningDaemon(directory);
        ApiClient client = new ApiClient(daemon.socket())) {
      for (int i = 0; i < GUESTS; i++) {
        String answer = client.call("PUT", "/guests/idle" + i, "{}");
        Path socket = Path.of(Json.api().readTree(answer).path("socket").asText());
        guests.add(
            VhostUserGuest.start(
                "idle" + i,
                GuestOptions.DEFAULT,
                VhostUserFrontend.connect(socket, Duration.ofSeconds(10))));
      }
      Thread.sleep(SETTLE_MILLIS);
      for (JsonNode guest : Json.api().readTree(client.call("GET", "/guests", ""))) {
        assertEquals("running", guest.path("state").asText(), guest.toPrettyString());
      }
      long before = ticks(daemon.handle().pid());
      long start = System.nanoTime();
      Thread.sleep(MEASURE_MILLIS);
      double cpuMillis = (ticks(daemon.handle().pid()) - before) * (double) MILLIS_PER_TICK;
      double percent = 100 * cpuMillis / ((System.nanoTime() - start) / 1e6);
      System.out.printf("daemon with %d idle guests: %.2f %% of a core%n", GUESTS, percent);
      assertTrue(percent < 1, percent + " % of a core");
      assertEquals(0, daemon.terminate());
    } finally {
      guests.forEach(VhostUserGuest::close);
    }
  }

  /** Processor time that the process has taken, of all its threads. */
  private static long ticks(long pid) throws IOException {
    String line = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
    String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ", -1);
    return Long.parseLong(fields[USER_TIME]) + Long.parseLong(fields[SYSTEM_TIME]);
  }
}
