package dev.outboard.integration.plugins;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.Endpoint;
import dev.outboard.guest.FrameCheck;
import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.vhost.VhostUserFrontend;
import dev.outboard.integration.RunningDaemon;
import dev.outboard.integration.UserException;
import dev.outboard.integration.rest.ApiClient;
import dev.outboard.testing.SideBySide;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two guests of a daemon exchange frames while it is given one bad plugin after the other: ones
 * that it refuses, and ones that seemed good until they were used. Not a frame is lost.
 */
@SideBySide
final class BadPluginsHarmNobodyTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Endpoint ONE = Endpoint.of("02:00:00:00:00:01", "10.0.0.1");
  private static final Endpoint TWO = Endpoint.of("02:00:00:00:00:02", "10.0.0.2");
  private static final int WINDOW = 32;
  private static final String OPENS = "return transport();";

  @TempDir private Path folder;
  private final AtomicBoolean enough = new AtomicBoolean();

  @Test
  void guestsGoOnWhateverAPluginDoes() throws Exception {
    Path plugins = Files.createDirectories(folder.resolve("plugins"));
    try (RunningDaemon daemon = new RunningDaemon(folder, "--plugins", plugins.toString());
        ApiClient api = new ApiClient(daemon.socket())) {
      try (VhostUserGuest one = guest(daemon, "one");
          VhostUserGuest two = guest(daemon, "two")) {
        FrameCheck check = new FrameCheck(FrameTemplate.raw(ONE, TWO, 200));
        Thread traffic = Thread.ofPlatform().start(() -> send(one, two, check));
        List<String> said;
        try {
          said = tryAll(plugins, api);
        } finally {
          enough.set(true);
          traffic.join();
        }
        assertEquals(expected(), said);
        assertTrue(check.frames() > WINDOW, "frames flowed: " + check.frames());
        assertEquals(0, check.lost() + check.late() + check.corrupt());
      }
      assertEquals(0, daemon.terminate());
    }
  }

  private VhostUserGuest guest(RunningDaemon daemon, String id)
      throws IOException, InterruptedException {
    String mac = id.equals("one") ? "02:00:00:00:00:01" : "02:00:00:00:00:02";
    RunningDaemon.Outcome attached = daemon.outboard("attach", "--id", id, "--mac", mac);
    assertEquals(0, attached.code(), attached.err());
    Path socket = folder.resolve("guests/" + id + ".sock");
    return VhostUserGuest.start(
        id, GuestOptions.DEFAULT, VhostUserFrontend.connect(socket, PATIENCE));
  }

  /** Never more under way than the receiver's ring takes, so each of them must arrive. */
  private void send(VhostUserGuest from, VhostUserGuest to, FrameCheck check) {
    FrameTemplate template = FrameTemplate.raw(ONE, TWO, 200);
    long sent = 0;
    while (!enough.get() || check.position() < sent) {
      if (!enough.get() && sent - check.position() < WINDOW) {
        sent += from.send(template, sent, 1);
      }
      int _ = to.receive(check, WINDOW);
    }
  }

  /** What each plugin has in place of a line of a good one, by name. */
  private static Map<String, String[]> bad() {
    Map<String, String[]> bad = new LinkedHashMap<>();
    bad.put("throws", new String[] {"return Availability.yes();", "throw new Error(\"no\");"});
    bad.put("hangs", new String[] {"return Availability.yes();", BadPluginsTest.HANG});
    bad.put("open-throws", new String[] {OPENS, "throw new Error(\"no\");"});
    bad.put("open-hangs", new String[] {OPENS, BadPluginsTest.HANG});
    bad.put("port-is-null", new String[] {"public void close() {}", port("return null;")});
    bad.put("port-throws", new String[] {"public void close() {}", port("throw new Error();")});
    bad.put("port-hangs", new String[] {"public void close() {}", port(BadPluginsTest.HANG)});
    return bad;
  }

  private static String port(String body) {
    return "public SharedPort openSharedPort(int worker) { "
        + body
        + " }\n @Override public void close() {}";
  }

  private static List<String> expected() {
    return List.of(
        "plugin 'throws': probe() threw java.lang.Error: no",
        "plugin 'hangs': probe() has not returned within 5 s",
        "uplink 'open-throws': plugin 'open-throws': open() threw java.lang.Error: no",
        "uplink 'open-hangs': plugin 'open-hangs': open() has not returned within 5 s",
        "uplink 'port-is-null': plugin 'port-is-null': openSharedPort() gives null",
        "uplink 'port-throws': plugin 'port-throws': openSharedPort() threw java.lang.Error",
        "uplink 'port-hangs': plugin 'port-hangs': openSharedPort() has not returned within 5 s");
  }

  private static List<String> tryAll(Path plugins, ApiClient api) throws IOException {
    List<String> said = new ArrayList<>();
    for (Map.Entry<String, String[]> each : bad().entrySet()) {
      String name = each.getKey();
      BadPluginsTest.provider(each.getValue()[0], each.getValue()[1])
          .replace("return \"bad\";", "return \"" + name + "\";")
          .write(plugins.resolve(name).resolve("bad.jar"));
      said.add(firstRefusal(api, name));
    }
    return said;
  }

  /** Loads it and opens an uplink by it; what the user is told. */
  private static String firstRefusal(ApiClient api, String name) {
    try {
      String _ = api.call("PUT", "/plugins/" + name, "");
      String _ = api.call("PUT", "/uplinks/" + name, "{\"transport\": \"" + name + "\"}");
      return name + " was not refused";
    } catch (UserException e) {
      return e.getMessage();
    }
  }
}
