package dev.outboard.restart;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.guest.Frames;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.vhost.VhostUserFrontend;
import dev.outboard.integration.UserException;
import dev.outboard.integration.rest.ApiClient;
import dev.outboard.integration.wire.Json;
import dev.outboard.lab.JoinedNamespaces;
import dev.outboard.lab.Lab;
import dev.outboard.lab.SecretFile;
import dev.outboard.testing.SideBySide;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A sidecar at the other end of {@code kernel-tcp} is killed and started anew while frames are sent
 * to it. They go on, in order and none twice, and all that is missing was under way, or is counted.
 */
@SideBySide
final class PeerRestartTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int VIRTIO_HEADER = 12;
  private static final int NUMBER_AT = VIRTIO_HEADER + 14;
  private static final int ENOUGH = 3000;

  /** Frames that the killed sidecar may have taken and not handed on. */
  private static final int UNDER_WAY = 32;

  @TempDir private Path folder;
  private JoinedNamespaces hosts;
  private Path secret;
  private VhostUserGuest sender;
  private long sent;
  private long received;
  private long last = -1;

  @BeforeEach
  void makeHosts() throws IOException {
    Lab.require();
    hosts = JoinedNamespaces.create(1600);
    secret = SecretFile.in(folder);
  }

  @AfterEach
  void removeHosts() {
    if (hosts != null) {
      hosts.close();
    }
  }

  private static String mac(int host) {
    return "02:00:00:00:00:0" + (host + 1);
  }

  private Path socket(int host) {
    return folder.resolve(host + ".sock");
  }

  private Path api(int host) {
    return folder.resolve("api" + host + ".sock");
  }

  private DaemonProcess start(int host) throws Exception {
    Path config = folder.resolve(host + ".yaml");
    Files.writeString(
        config,
        """
        uplinks: {wan: {transport: kernel-tcp, address: %s, secret-file: %s}}
        remotes: [{id: far, mac: '%s', uplink: wan, endpoint: %s}]
        guests: [{id: g%d, mac: '%s', socket: %s}]
        """
            .formatted(
                hosts.address(host),
                secret,
                mac(1 - host),
                hosts.address(1 - host),
                host,
                mac(host),
                socket(host)));
    DaemonProcess daemon =
        new DaemonProcess(
            hosts.host(host).enter(DaemonProcess.java()),
            "--config",
            config.toString(),
            "--api",
            api(host).toString());
    daemon.awaitReady();
    return daemon;
  }

  private VhostUserGuest guest(int host) throws IOException {
    return VhostUserGuest.start(
        "g" + host, GuestOptions.DEFAULT, VhostUserFrontend.connect(socket(host), PATIENCE));
  }

  @Test
  void framesGoOnAndWhatIsMissingIsCounted() throws Exception {
    DaemonProcess near = start(0);
    DaemonProcess far = start(1);
    try {
      sender = guest(0);
      try (VhostUserGuest receiver = guest(1)) {
        exchange(receiver);
        far.kill();
      }
      sendUntilUnreachable();
      far = start(1);
      try (VhostUserGuest receiver = guest(1)) {
        exchange(receiver);
        awaitAccount(receiver);
      }
    } finally {
      if (sender != null) {
        sender.close();
      }
      far.close();
      near.close();
    }
  }

  /** Sends while few are under way, until enough have come. */
  private void exchange(VhostUserGuest receiver) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    long lost = sent - received;
    long enough = received + ENOUGH;
    while (received < enough) {
      assertTrue(System.nanoTime() < deadline, () -> received + " of " + sent + " came");
      boolean mayWait = sent - received - lost >= UNDER_WAY;
      if (!mayWait) {
        send();
      }
      if (receive(receiver, mayWait ? 50_000_000 : 0) == 0 && mayWait) {
        lost = sent - received;
      }
    }
  }

  private void send() {
    byte[] body = ByteBuffer.allocate(100).putLong(sent).array();
    if (sender.sendFrame(
        Frames.ethernet(Frames.mac(mac(1)), Frames.mac(mac(0)), Frames.TYPE_TEST, body))) {
      sent++;
    }
  }

  private int receive(VhostUserGuest receiver, long nanos) {
    int count = 0;
    byte[] got = receiver.receiveBytes(nanos);
    while (got != null) {
      long number = ByteBuffer.wrap(got).getLong(NUMBER_AT);
      assertTrue(number > last && number < sent, number + " came behind " + last);
      last = number;
      received++;
      count++;
      got = receiver.receiveBytes(0);
    }
    return count;
  }

  private void sendUntilUnreachable() throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (dropped("unreachable") == 0) {
      assertTrue(System.nanoTime() < deadline, () -> "nothing is dropped");
      send();
    }
  }

  /** Waits until nothing is under way any more. */
  private void awaitAccount(VhostUserGuest receiver) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    long off;
    do {
      assertTrue(
          System.nanoTime() < deadline,
          () -> "%d sent, %d came: %s".formatted(sent, received, nearStats()));
      int _ = receive(receiver, 50_000_000);
      off = sent - received - dropped("");
    } while (Math.abs(off) > UNDER_WAY);
    System.out.printf(
        "peer killed: %d sent, %d came, %d counted as lost%n", sent, received, dropped(""));
  }

  /** Frames that the sending sidecar has dropped, by its guest and its uplink, for a reason. */
  private long dropped(String reason) throws Exception {
    JsonNode stats = nearStats();
    long dropped = 0;
    for (String place : new String[] {"/guests/0/counters/drops", "/uplinks/0/drops"}) {
      for (var drop : stats.at(place).properties()) {
        dropped += reason.isEmpty() || drop.getKey().equals(reason) ? drop.getValue().asLong() : 0;
      }
    }
    return dropped;
  }

  private JsonNode nearStats() {
    try (ApiClient client = new ApiClient(api(0))) {
      return Json.api().readTree(client.call("GET", "/stats", ""));
    } catch (IOException | UserException e) {
      throw new IllegalStateException(e);
    }
  }
}
