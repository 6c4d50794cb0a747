package dev.outboard.integration.plugins;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.guest.Frames;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.vhost.VhostUserFrontend;
import dev.outboard.integration.RunningDaemon;
import dev.outboard.integration.rest.ApiClient;
import dev.outboard.integration.wire.Json;
import dev.outboard.testing.SideBySide;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * From an empty plugin directory to guests that reach another host by a plugin's transport, while
 * the daemon runs; and what is left of it when the daemon is killed, or another takes over.
 */
@SideBySide
final class PluginUplinkTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final long WAIT_NANOS = 20_000_000;
  private static final int VIRTIO_HEADER = 12;
  private static final int PORT = 14_795;

  @TempDir private Path folder;
  private Path plugins;
  private int exchanges;

  @BeforeEach
  void makeFolders() throws IOException {
    plugins = Files.createDirectories(folder.resolve("plugins"));
    Files.createDirectories(folder.resolve("near"));
    Path far = Files.createDirectories(folder.resolve("far"));
    Files.writeString(
        far.resolve("outboard.yaml"),
        """
        networks: [{id: 1, mtu: 1400}]
        uplinks: {wan: {transport: iouring, address: 127.0.0.12, port: %d}}
        remotes: [{id: one, mac: '%s', uplink: wan, endpoint: 127.0.0.11}]
        guests: [{id: two, mac: '%s'}]
        """
            .formatted(PORT, mac(1), mac(2)));
    Files.writeString(
        folder.resolve("near/outboard.yaml"),
        "networks: [{id: 1, mtu: 1400}]\nplugins: ../plugins\n");
  }

  private static String mac(int number) {
    return "02:00:00:00:00:0" + number;
  }

  private RunningDaemon start(String host, String... more) throws IOException {
    Path directory = folder.resolve(host);
    String[] all = Arrays.copyOf(more, more.length + 2);
    all[more.length] = "--config";
    all[more.length + 1] = directory.resolve("outboard.yaml").toString();
    return new RunningDaemon(directory, all);
  }

  private VhostUserFrontend connect(String host, String guest) throws IOException {
    return VhostUserFrontend.connect(folder.resolve(host + "/guests/" + guest + ".sock"), PATIENCE);
  }

  private static void good(RunningDaemon daemon, String words, String said) throws Exception {
    RunningDaemon.Outcome outcome = daemon.outboard(words.split(" ", -1));
    assertEquals(said + "\n", outcome.out(), outcome.err());
    assertEquals(0, outcome.code());
  }

  /** Sends a frame again and again until it arrives; what is under way meanwhile may be lost. */
  private void reaches(VhostUserGuest from, int sender, VhostUserGuest to, int receiver) {
    byte[] body = new byte[64];
    body[0] = (byte) ++exchanges;
    byte[] frame =
        Frames.ethernet(Frames.mac(mac(receiver)), Frames.mac(mac(sender)), Frames.TYPE_TEST, body);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    byte[] got = null;
    while (got == null || got[VIRTIO_HEADER + Frames.ETHERNET_HEADER] != body[0]) {
      assertTrue(System.nanoTime() < deadline, "no frame from " + sender + " to " + receiver);
      from.sendFrame(frame);
      got = to.receiveBytes(WAIT_NANOS);
    }
    assertArrayEquals(frame, Arrays.copyOfRange(got, VIRTIO_HEADER, got.length));
  }

  private void assertBothWays(VhostUserGuest one, VhostUserGuest two) {
    reaches(one, 1, two, 2);
    reaches(two, 2, one, 1);
  }

  @Test
  void aFolderThatIsDroppedInCarriesFramesAndIsFoundAgain() throws Exception {
    RunningDaemon near = start("near");
    try (RunningDaemon far = start("far");
        VhostUserGuest two =
            VhostUserGuest.start("two", GuestOptions.DEFAULT, connect("far", "two"))) {
      PluginBuilder.vxlan(plugins, "third");
      good(near, "plugins load third", "plugin third: transport 'third' is loaded");
      good(
          near,
          "uplinks open wan --transport third --set address=127.0.0.11 --set port=" + PORT,
          "uplink wan: open, by transport third");
      good(
          near,
          "remotes put two --uplink wan --endpoint 127.0.0.12 --mac " + mac(2),
          "remote two: network 1, tenant default, MAC %s, at 127.0.0.12 by uplink wan"
              .formatted(mac(2)));
      assertEquals(0, near.outboard("attach", "--id", "one", "--mac", mac(1)).code());
      try (VhostUserGuest one =
          VhostUserGuest.start("one", GuestOptions.DEFAULT, connect("near", "one"))) {
        assertBothWays(one, two);
        assertTransportsAreOf(near, "third");
        assertTransportsAreOf(far, "");

        near.kill();
        near = start("near");
        one.reconnect(connect("near", "one"));
        assertBothWays(one, two);

        RunningDaemon old = near;
        near = start("near", "--take-over");
        assertTrue(old.handle().onExit().get(30, TimeUnit.SECONDS) != null);
        assertBothWays(one, two);
      }
      assertClosesWhenNobodyUsesIt(near);
    } finally {
      near.close();
    }
  }

  private static void assertTransportsAreOf(RunningDaemon daemon, String plugin) throws Exception {
    try (ApiClient client = new ApiClient(daemon.socket())) {
      for (JsonNode transport : Json.api().readTree(client.call("GET", "/transports", ""))) {
        boolean builtIn = !transport.path("name").asText().equals("third");
        assertEquals(builtIn ? "" : plugin, transport.path("plugin").asText());
      }
    }
  }

  private static void assertClosesWhenNobodyUsesIt(RunningDaemon daemon) throws Exception {
    assertEquals(
        "outboard: uplink 'wan' is in use by remote 'two'; take it from them first\n",
        daemon.outboard("uplinks", "close", "wan").err());
    good(daemon, "remotes delete two", "remote two: deleted");
    good(daemon, "uplinks close wan", "uplink wan: closed");
    assertEquals("[ ]", daemon.outboard("uplinks", "list", "--json").out().strip());
  }
}
