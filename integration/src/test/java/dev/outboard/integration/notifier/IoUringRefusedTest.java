package dev.outboard.integration.notifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.integration.rest.ApiClient;
import dev.outboard.integration.wire.Json;
import dev.outboard.linux.Processes;
import dev.outboard.spi.Availability;
import dev.outboard.transport.iouring.notifier.IoUringNotifierProvider;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where io_uring is forbidden, users are told so, and what to do; nothing is replaced silently. */
final class IoUringRefusedTest {
  private static final String REASON =
      "a security policy forbids io_uring (seccomp filter or security module)";
  private static final Path SWITCH = Path.of("/proc/sys/kernel/io_uring_disabled");

  @TempDir private Path directory;

  private Process outboard(String config) throws IOException {
    Path file = Files.writeString(directory.resolve("c.yaml"), config);
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                WithoutIoUring.class.getName(),
                "run",
                "--api",
                directory.resolve("api.sock").toString(),
                "--config",
                file.toString()));
    return new ProcessBuilder(command).redirectError(directory.resolve("err.log").toFile()).start();
  }

  @Test
  void whoAsksForItIsRefusedWithTheReasonAndTheRemedy() throws Exception {
    Process process = outboard("# a line before it\nnotifier: iouring\n");
    try {
      assertTrue(process.waitFor(2, TimeUnit.MINUTES));
      List<String> error = Files.readAllLines(directory.resolve("err.log"));
      assertEquals(2, process.exitValue(), error.toString());
      assertEquals(1, error.size(), error.toString());
      assertTrue(error.getFirst().contains("c.yaml:2"), error.toString());
      assertTrue(
          error.getFirst().contains("'iouring' can't run here: " + REASON), error.toString());
      assertTrue(error.getFirst().contains("allow io_uring_setup"), error.toString());
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void autoTakesEpollAndSaysWhy() throws Exception {
    Process process = outboard("notifier: auto\n");
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      StringBuilder banner = new StringBuilder();
      String line = out.readLine();
      while (line != null && !line.startsWith("ready")) {
        banner.append(line).append('\n');
        line = out.readLine();
      }
      assertTrue(line != null, Files.readString(directory.resolve("err.log")));
      assertTrue(
          banner.toString().contains("notifier: epoll (iouring can't run here: " + REASON),
          banner.toString());
      try (ApiClient client = new ApiClient(directory.resolve("api.sock"))) {
        JsonNode info = Json.api().readTree(client.call("GET", "/", ""));
        assertEquals("epoll", info.path("notifier").asText());
        JsonNode stats = Json.api().readTree(client.call("GET", "/stats", ""));
        assertEquals("epoll", stats.at("/workers/0/notifier").asText());
      }
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void theHostsSwitchIsNamed() throws IOException {
    assumeTrue(Files.exists(SWITCH), "this kernel has no io_uring_disabled: it came with 6.6");
    assumeTrue(Processes.isRoot(), "the switch is root's");
    String before = Files.readString(SWITCH);
    // No longer than it takes: others on this host may want a ring at this moment.
    Files.writeString(SWITCH, "2");
    Availability here;
    try {
      here = new IoUringNotifierProvider().probe();
    } finally {
      Files.writeString(SWITCH, before);
    }
    assertEquals(
        Availability.no(
            "io_uring is switched off on this host (kernel.io_uring_disabled is 2)",
            "sysctl kernel.io_uring_disabled=0"),
        here);
  }
}
