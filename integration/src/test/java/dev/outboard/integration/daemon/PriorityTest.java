package dev.outboard.integration.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.guest.Frames;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.vhost.VhostUserFrontend;
import dev.outboard.integration.RunningDaemon;
import dev.outboard.integration.RunningDaemon.Outcome;
import dev.outboard.integration.rest.ApiClient;
import dev.outboard.integration.wire.Json;
import dev.outboard.lab.SecretFile;
import dev.outboard.testing.SideBySide;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user says of a guest's priority is what the connections between two daemons show. */
@SideBySide
final class PriorityTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String FAR = "02:00:00:00:00:09";
  private static final String URGENT = "02:00:00:00:00:01";
  private static final String BACKUP = "02:00:00:00:00:02";

  @TempDir private Path directory;
  private Path secret;

  @BeforeEach
  void share() throws Exception {
    secret = SecretFile.in(directory);
  }

  /** A daemon at 127.0.0.number, with a way to the other. */
  private RunningDaemon daemon(int number, int other, String more) throws Exception {
    Path home = Files.createDirectories(directory.resolve("host" + number));
    Path config = home.resolve("outboard.yaml");
    Files.writeString(
        config,
        """
        uplinks: {wan: {transport: kernel-tcp, address: 127.0.0.%d, secret-file: %s, connections: 1}}
        remotes: [{id: far, mac: '%s', uplink: wan, endpoint: 127.0.0.%d}]
        %s
        """
            .formatted(number, secret, FAR, other, more));
    return new RunningDaemon(home, "--config", config.toString());
  }

  private RunningDaemon near() throws Exception {
    Path socket = directory.resolve("urgent.sock");
    return daemon(
        41,
        42,
        "guests: [{id: urgent, mac: '%s', socket: %s, priority: latency}]"
            .formatted(URGENT, socket));
  }

  private static JsonNode get(RunningDaemon from, String path) throws Exception {
    try (ApiClient client = new ApiClient(from.socket())) {
      return Json.api().readTree(client.call("GET", path, ""));
    }
  }

  private static long lent(RunningDaemon of, String priority) throws Exception {
    return get(of, "/uplinks/wan").at("/gauges/pool-lent-" + priority).asLong(-1);
  }

  private static String priority(RunningDaemon of, String guest) throws Exception {
    return get(of, "/guests/" + guest).path("priority").asText();
  }

  private Outcome attachBackup(RunningDaemon to) {
    String socket = directory.resolve("backup.sock").toString();
    return to.outboard(
        "attach", "--id", "backup", "--mac", BACKUP, "--socket", socket, "--priority", "bulk");
  }

  /** Has a guest send until the connections of its priority are so many. */
  private void sendUntilLent(RunningDaemon of, String guest, String mac, String priority)
      throws Exception {
    Path socket = directory.resolve(guest + ".sock");
    try (VhostUserGuest sender =
        VhostUserGuest.start(
            guest, GuestOptions.DEFAULT, VhostUserFrontend.connect(socket, PATIENCE))) {
      byte[] frame =
          Frames.ethernet(Frames.mac(FAR), Frames.mac(mac), Frames.TYPE_TEST, new byte[50]);
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (lent(of, priority) == 0) {
        assertTrue(System.nanoTime() < deadline, "no connection for " + priority);
        sender.sendFrame(frame);
        Thread.sleep(10);
      }
    }
  }

  @Test
  void guestsOfUnlikePriorityHaveConnectionsOfTheirOwn() throws Exception {
    try (RunningDaemon far = daemon(42, 41, "");
        RunningDaemon near = near()) {
      assertEquals(0, attachBackup(near).code());
      assertEquals(0, lent(near, "latency"));
      sendUntilLent(near, "urgent", URGENT, "latency");
      assertEquals(0, lent(near, "bulk"), "nobody has sent any yet");
      sendUntilLent(near, "backup", BACKUP, "bulk");
      assertEquals(1, lent(near, "latency"));
      assertEquals(1, lent(near, "bulk"));
      assertEquals(0, far.terminate());
    }
  }

  @Test
  void theyKeepItThroughAKill() throws Exception {
    try (RunningDaemon first = near()) {
      assertEquals(0, attachBackup(first).code());
      assertEquals("latency", priority(first, "urgent"));
      assertEquals("bulk", priority(first, "backup"));
      first.kill();
    }
    try (RunningDaemon second = near()) {
      assertEquals("latency", priority(second, "urgent"));
      assertEquals("bulk", priority(second, "backup"));
      Outcome wrong = second.outboard("attach", "--id", "x", "--priority", "gold");
      assertTrue(
          wrong.err().contains("unknown priority 'gold'; known: latency, standard, bulk"),
          wrong.toString());
      assertEquals(1, wrong.err().lines().count(), wrong.err());
    }
  }
}
