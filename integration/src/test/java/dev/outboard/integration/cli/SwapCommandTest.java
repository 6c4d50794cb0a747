package dev.outboard.integration.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.integration.RunningDaemon;
import dev.outboard.integration.RunningDaemon.Outcome;
import dev.outboard.integration.rest.ApiClient;
import dev.outboard.integration.wire.Json;
import dev.outboard.lab.SshServer;
import dev.outboard.linux.Processes;
import dev.outboard.testing.LongTier;
import dev.outboard.testing.SideBySide;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code outboard swap} against two real daemons: both change, or neither. */
@SideBySide
final class SwapCommandTest {
  @TempDir private Path directory;
  private RunningDaemon one;
  private RunningDaemon other;

  @BeforeEach
  void start() throws IOException {
    one = daemon("one", 1, "slow");
    other = daemon("other", 2, "slow");
  }

  @AfterEach
  void stop() {
    one.close();
    other.close();
  }

  private RunningDaemon daemon(String name, int number, String second) throws IOException {
    Path home = Files.createDirectory(directory.resolve(name));
    Path config = home.resolve("outboard.yaml");
    Files.writeString(
        config,
        """
        networks: [{id: 1, mtu: 1400}]
        uplinks:
          wan: {transport: iouring, address: 127.0.0.%1$d, port: 24789}
          %2$s: {transport: iouring, address: 127.0.0.%1$d, port: 24790}
        remotes:
          - {id: far, uplink: wan, endpoint: 127.0.0.9, alternatives: [{uplink: %2$s, endpoint: 127.0.0.9}]}
        """
            .formatted(number, second));
    return new RunningDaemon(home, "--config", config.toString());
  }

  @Test
  void bothHostsChangeOrNeitherAndItOutlivesAKill() throws IOException, InterruptedException {
    for (RunningDaemon daemon : new RunningDaemon[] {one, other}) {
      assertEquals(0, daemon.outboard("attach", "--id", "web").code());
    }
    String peer = other.socket().toString();
    Outcome both = one.outboard("swap", "--uplink", "wan", "--to", "slow", "--peer", peer);
    assertTrue(both.out().startsWith("swapped: 2 guests on 2 hosts, in "), both.toString());
    assertEquals("slow", usual(one));
    assertEquals("slow", usual(other));

    assertEquals(
        0,
        other
            .outboard(
                "remotes",
                "put",
                "lone",
                "--uplink",
                "slow",
                "--endpoint",
                "127.0.0.8",
                "--ip",
                "10.0.0.8")
            .code());
    Outcome refused = one.outboard("swap", "--uplink", "slow", "--to", "wan", "--peer", peer);
    assertEquals(1, refused.code());
    assertEquals(
        "outboard: "
            + peer
            + ": remote 'lone' has no place on uplink 'wan': give it one under alternatives\n",
        refused.err());
    assertEquals("slow", usual(one), "put back");
    assertEquals(0, one.outboard("swap", "web", "--to", "wan").code());
    one.kill();
    Path home = directory.resolve("one");
    one = new RunningDaemon(home, "--config", home.resolve("outboard.yaml").toString());
    JsonNode guests = Json.api().readTree(one.outboard("list", "--json").out());
    assertEquals("wan", guests.path(0).path("uplink").asText());
  }

  @Test
  void anotherMachineIsReachedBySsh() throws IOException, InterruptedException {
    Assumptions.assumeTrue(Processes.isRoot(), "sshd needs root: sudo ./check");
    Assumptions.assumeTrue(SshServer.isInstalled(), "no sshd: apt-get install openssh-server");
    try (SshServer server = new SshServer(Files.createDirectory(directory.resolve("ssh")))) {
      String config = server.clientConfig().toString();
      String peer = "ssh://other" + other.socket();
      String[] swap = {"swap", "--uplink", "wan", "--to", "slow", "--ssh-config", config};
      Outcome both = one.outboard(with(swap, "--peer", peer));
      assertTrue(both.out().startsWith("swapped: 0 guests on 2 hosts, in "), both.toString());
      assertEquals("slow", usual(one));
      assertEquals("slow", usual(other));

      String[] back = {"swap", "--uplink", "slow", "--to", "wan", "--ssh-config", config};
      Outcome none = one.outboard(with(back, "--peer", peer + "x"));
      assertEquals(1, none.code());
      assertEquals(
          "outboard: "
              + peer
              + "x: no daemon answers there: start one, or name its socket as ssh://host/path\n",
          none.err());
      Outcome stranger = one.outboard(with(back, "--peer", "ssh://127.0.0.1:1/x"));
      assertEquals(1, stranger.code());
      assertEquals(1, stranger.err().lines().count(), stranger.err());
      assertTrue(
          stranger.err().startsWith("outboard: ssh://127.0.0.1:1/x: ssh failed: "), stranger.err());
      assertTrue(
          stranger.err().endsWith("'ssh -p 1 -- 127.0.0.1' must work without questions\n"),
          stranger.err());
    }
  }

  private static String[] with(String[] words, String... more) {
    return Stream.concat(Stream.of(words), Stream.of(more)).toArray(String[]::new);
  }

  private static final String CONFIGURED =
      """
      networks: [{id: 1, mtu: 1400}]
      uplinks:
        wan: {transport: iouring, address: 127.0.0.3, port: 24789}
        %s: {transport: iouring, address: 127.0.0.3, port: 24790}
      routes: [{id: bulk, class: bulk, uplink: wan}]
      remotes:
        - {id: far, uplink: wan, endpoint: 127.0.0.9, alternatives: [{uplink: %s, endpoint: 127.0.0.9}]}
      guests: [{id: web, uplink: wan}]
      """;

  @Test
  void whatTheConfigurationSaysOfGuestsRoutesAndRemotesIsChangedForTheNextDaemonToo()
      throws IOException, InterruptedException {
    Path home = Files.createDirectory(directory.resolve("third"));
    Path config = home.resolve("outboard.yaml");
    Files.writeString(config, CONFIGURED.formatted("slow", "slow"));
    String[] run = {"--config", config.toString()};
    RunningDaemon daemon = new RunningDaemon(home, run);
    try {
      assertEquals(0, daemon.outboard("swap", "--uplink", "wan", "--to", "slow").code());
      daemon.kill();
      daemon = new RunningDaemon(home, run);
      assertEquals("slow", usual(daemon));
      assertEquals("slow", uplinkOfWeb(daemon));
      assertSaid(
          daemon,
          "guest web: uplink slow, local-forwarding on, by a swap; the configuration says uplink"
              + " wan, local-forwarding on");
      assertSaid(daemon, "route bulk: uplink slow, by a swap; the configuration says wan");
      assertSaid(daemon, "remote far: uplink slow, by a swap; the configuration says wan");

      RunningDaemon next = new RunningDaemon(home, config(config, "--take-over"));
      daemon.close();
      daemon = next;
      assertEquals("slow", uplinkOfWeb(daemon));

      assertEquals(0, daemon.outboard("swap", "web", "--to", "wan").code());
      daemon.kill();
      Files.writeString(config, CONFIGURED.formatted("other", "other"));
      daemon = new RunningDaemon(home, run);
      assertEquals("wan", usual(daemon));
      assertEquals("wan", uplinkOfWeb(daemon));
      assertSaid(
          daemon,
          "remote far: was swapped to uplink slow, which is not there any more: as the"
              + " configuration says");
    } finally {
      daemon.close();
    }
  }

  private static String[] config(Path file, String more) {
    return new String[] {"--config", file.toString(), more};
  }

  private static void assertSaid(RunningDaemon daemon, String line) {
    assertTrue(daemon.lines().contains(line), daemon.lines().toString());
  }

  private static String uplinkOfWeb(RunningDaemon daemon) throws IOException, InterruptedException {
    return Json.api()
        .readTree(daemon.outboard("list", "--json").out())
        .path(0)
        .path("uplink")
        .asText();
  }

  @LongTier("forgotten-swaps")
  void swapsThatNobodyGoesOnWithAreEndedAfterAMinute() throws Exception {
    assertEquals(0, one.outboard("attach", "--id", "web", "--uplink", "wan").code());
    assertEquals(0, one.outboard("attach", "--id", "db", "--uplink", "wan").code());
    try (ApiClient api = new ApiClient(one.socket())) {
      for (String guest : List.of("web", "db")) {
        String body = "{\"guests\":[\"%s\"],\"to\":\"slow\"}".formatted(guest);
        String _ = api.call("PUT", "/swaps/" + guest, body);
      }
      String _ = api.call("PATCH", "/swaps/web", "{\"state\":\"committed\"}");
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
      while (!Json.api().readTree(api.call("GET", "/swaps", "")).isEmpty()) {
        assertTrue(System.nanoTime() < deadline, "still there");
        TimeUnit.SECONDS.sleep(1);
      }
      assertEquals("slow", uplink(api, "web"));
      assertEquals("wan", uplink(api, "db"));
    }
  }

  private static String uplink(ApiClient api, String guest) throws Exception {
    return Json.api().readTree(api.call("GET", "/guests/" + guest, "")).path("uplink").asText();
  }

  @Test
  void mistakesGetOneLine() throws IOException, InterruptedException {
    assertEquals(2, one.outboard("swap", "--to", "wan").code());
    Outcome unknown = one.outboard("swap", "--all", "--to", "pigeons");
    assertEquals(1, unknown.code());
    assertEquals(
        "outboard: " + one.socket() + ": swap: unknown uplink 'pigeons', known are: slow, wan\n",
        unknown.err());
  }

  private static String usual(RunningDaemon daemon) throws IOException, InterruptedException {
    JsonNode remotes = Json.api().readTree(daemon.outboard("remotes", "list", "--json").out());
    for (JsonNode remote : remotes) {
      if (remote.path("id").asText().equals("far")) {
        return remote.path("uplink").asText();
      }
    }
    throw new AssertionError(remotes);
  }
}
