package dev.outboard.integration.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.integration.RunningDaemon;
import dev.outboard.integration.RunningDaemon.Outcome;
import dev.outboard.integration.wire.Json;
import dev.outboard.testing.SideBySide;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands and the daemon as users meet them: as processes, by what they print and leave. */
@SideBySide
final class CommandsTest {
  @TempDir private Path directory;

  @Test
  void aGuestComesAndGoes() throws IOException, InterruptedException {
    try (RunningDaemon daemon = new RunningDaemon(directory)) {
      Outcome attach = daemon.outboard("attach", "--id", "web", "--ip", "10.0.0.1");
      assertEquals(new Outcome(0, attach.out(), ""), attach);
      Path socket = directory.resolve("guests/web.sock");
      assertTrue(attach.out().contains("socket: " + socket + "\n"), attach.out());
      assertTrue(attach.out().contains("-chardev socket,id=chr0,path=" + socket), attach.out());
      assertTrue(attach.out().contains("-device virtio-net-device,netdev=net0,mac=02:"));
      assertEquals("rw-------", permissions(socket));
      assertEquals("rw-------", permissions(daemon.socket()));

      Outcome list = daemon.outboard("list");
      assertTrue(list.out().contains("web  waiting  1        default  02:"), list.out());
      JsonNode guests = Json.api().readTree(daemon.outboard("list", "--json").out());
      assertEquals("web", guests.path(0).path("id").asText());
      Outcome stats = daemon.outboard("stats");
      assertTrue(stats.out().contains("WORKER"), stats.out());
      JsonNode counted = Json.api().readTree(daemon.outboard("stats", "--json").out());
      assertEquals(0, counted.at("/guests/0/counters/sent_frames").asLong(-1));

      Outcome seen = daemon.outboard("observe", "web", "--seconds", "0");
      assertTrue(seen.out().contains("web    0            -    -    -    0 "), seen.toString());
      failsWith(1, "no guest 'nobody'", daemon.outboard("observe", "web", "nobody"));

      failsWith(1, "already", daemon.outboard("attach", "--id", "web"));
      failsWith(1, "no guest", daemon.outboard("detach", "nobody"));
      failsWith(1, "worker 7 is not between 0 and 0", daemon.outboard("move", "web", "--worker=7"));
      assertEquals(
          new Outcome(0, "guest web: on worker 0\n", ""),
          daemon.outboard("move", "web", "--worker", "0"));
      assertEquals(new Outcome(0, "guest web: detached\n", ""), daemon.outboard("detach", "web"));
      assertFalse(Files.exists(socket));
      assertEquals(0, Json.api().readTree(daemon.outboard("list", "--json").out()).size());
    }
  }

  @Test
  void aSignalEndsItCleanly() throws IOException, InterruptedException {
    Path config = directory.resolve("c.yaml");
    Files.writeString(config, "guests: [{id: a}, {id: b, network: 3}]\n");
    try (RunningDaemon daemon = new RunningDaemon(directory, "--config", config.toString())) {
      assertTrue(daemon.lines().toString().contains("notifier: "), daemon.lines().toString());
      assertTrue(Files.exists(directory.resolve("guests/a.sock")));
      assertEquals(0, daemon.terminate());
      assertEquals(List.of(), sockets());
    }
  }

  @Test
  void oneThatWasKilledIsReplacedAndALivingOneIsNot() throws IOException, InterruptedException {
    Path config = directory.resolve("c.yaml");
    Files.writeString(config, "guests: [{id: a}]\n");
    try (RunningDaemon killed = new RunningDaemon(directory, "--config", config.toString())) {
      killed.kill();
    }
    assertEquals(2, sockets().size(), "a kill leaves the sockets behind");
    try (RunningDaemon next = new RunningDaemon(directory, "--config", config.toString())) {
      Outcome second = RunningDaemon.command("run", "--api", next.socket().toString());
      failsWith(1, "is in use by process " + next.handle().pid(), second);
      assertEquals(0, next.outboard("list").code());
      assertEquals(0, next.terminate());
    }
    assertEquals(List.of(), sockets());
  }

  @Test
  void whatIsNotASocketIsLeftAlone() throws IOException, InterruptedException {
    Path file = Files.writeString(directory.resolve("api.sock"), "mine");
    failsWith(1, "is not a socket", RunningDaemon.command("run", "--api", file.toString()));
    assertEquals("mine", Files.readString(file));
  }

  @Test
  void withoutADaemonACommandSaysHowToStartOne() throws IOException, InterruptedException {
    Path nobody = directory.resolve("api.sock");
    Outcome list = RunningDaemon.command("list", "--api", nobody.toString());
    failsWith(1, "no daemon on " + nobody + ": start one with './outboard run'", list);
  }

  @Test
  void mistakesOnTheCommandLineGetOneLine() throws IOException, InterruptedException {
    failsWith(
        2, "Unknown option: '--ip'; see 'outboard list", RunningDaemon.command("list", "--ip"));
    failsWith(2, "Missing required option: '--id=<id>'", RunningDaemon.command("attach"));
    failsWith(2, "Unmatched argument", RunningDaemon.command("lits"));
    failsWith(2, "id 'a/b' is not a name", RunningDaemon.command("detach", "a/b"));
    failsWith(
        2, "no such file", RunningDaemon.command("run", "--config", "/nowhere/outboard.yaml"));
  }

  private static void failsWith(int code, String message, Outcome outcome) {
    assertEquals(code, outcome.code(), outcome.toString());
    assertEquals("", outcome.out());
    assertEquals(1, outcome.err().lines().count(), outcome.err());
    assertTrue(outcome.err().startsWith("outboard: "), outcome.err());
    assertTrue(outcome.err().contains(message), outcome.err());
  }

  private static String permissions(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  private List<Path> sockets() throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(file -> file.toString().endsWith(".sock")).toList();
    }
  }
}
