package dev.outboard.integration.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.integration.RunningDaemon;
import dev.outboard.integration.RunningDaemon.Outcome;
import dev.outboard.integration.wire.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code outboard swap} against two real daemons: both change, or neither. */
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
