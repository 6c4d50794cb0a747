package dev.outboard.integration.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.integration.RunningDaemon;
import dev.outboard.integration.wire.Json;
import dev.outboard.lab.GuestConfig;
import dev.outboard.lab.Lab;
import dev.outboard.lab.LinuxGuest;
import dev.outboard.testing.SideBySide;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's quick start, word by word: run, attach twice, paste what was printed into QEMU. */
@SideBySide
final class QuickStartTest {
  @TempDir private Path directory;

  @BeforeAll
  static void hostCanRunGuests() {
    Lab.require();
  }

  @Test
  void whatAttachPrintsBootsAGuestThatReachesTheOther() throws IOException, InterruptedException {
    try (RunningDaemon daemon = new RunningDaemon(directory);
        LinuxGuest one = new PastedGuest(GuestConfig.of(1), attach(daemon, "one", "10.0.0.1"));
        LinuxGuest two = new PastedGuest(GuestConfig.of(2), attach(daemon, "two", "10.0.0.2"))) {
      one.awaitReady();
      two.awaitReady();
      one.run("ping -c 3 -W 9 10.0.0.2");
      two.run("ping -c 3 -W 9 10.0.0.1");
      JsonNode guests = Json.api().readTree(daemon.outboard("list", "--json").out());
      for (JsonNode guest : guests) {
        assertEquals("running", guest.path("state").asText(), guest.toPrettyString());
        assertTrue(guest.at("/counters/received_frames").asLong() >= 6, guest.toPrettyString());
      }
      assertEquals(guests.path(0).path("mac").asText(), one.mac());
      assertEquals(0, daemon.terminate());
    }
  }

  /** Attaches a guest and gives the QEMU arguments that were printed for it. */
  private static List<String> attach(RunningDaemon daemon, String id, String address)
      throws IOException, InterruptedException {
    RunningDaemon.Outcome outcome = daemon.outboard("attach", "--id", id, "--ip", address);
    assertEquals(0, outcome.code(), outcome.err());
    List<String> arguments = new ArrayList<>();
    for (String line : outcome.out().lines().filter(line -> line.startsWith("  -")).toList()) {
      arguments.addAll(List.of(line.replace("\\", "").strip().split(" ")));
    }
    return arguments;
  }

  /** A guest whose network and memory are what was pasted; the rest is how it boots. */
  private static final class PastedGuest extends LinuxGuest {
    PastedGuest(GuestConfig config, List<String> pasted) throws IOException {
      super(config, command(config, pasted), Map.of());
    }

    private static List<String> command(GuestConfig config, List<String> pasted)
        throws IOException {
      Properties image = image();
      List<String> command = new ArrayList<>(List.of("qemu-system-x86_64", "-cpu", "max"));
      command.addAll(List.of("-nodefaults", "-no-user-config", "-nographic", "-no-reboot"));
      command.addAll(List.of("-chardev", "stdio,id=con,signal=off", "-serial", "chardev:con"));
      command.addAll(List.of("-kernel", image.getProperty("kernel")));
      command.addAll(List.of("-initrd", image.getProperty("initrd")));
      String words = "console=ttyS0 panic=-1 quiet loglevel=1 no_timer_check random.trust_cpu=on";
      command.addAll(List.of("-append", words + clock() + " lab_ip=" + config.ip()));
      command.addAll(pasted);
      return command;
    }

    private static Properties image() throws IOException {
      Path script =
          Path.of(System.getProperty("outboard.root"), "integration/src/test/lab/build-image.sh");
      Process build =
          new ProcessBuilder(script.toString())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      Properties paths = new Properties();
      paths.load(build.inputReader());
      return paths;
    }

    /** Under emulation, calibrating the clock hangs some boots. */
    private static String clock() throws IOException {
      double bogomips =
          Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
              .filter(line -> line.startsWith("bogomips"))
              .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(':') + 1)))
              .findFirst()
              .orElseThrow();
      long kilohertz = Math.round(bogomips * 500);
      return " tsc_early_khz=" + kilohertz + " lpj=" + kilohertz * 4;
    }
  }
}
