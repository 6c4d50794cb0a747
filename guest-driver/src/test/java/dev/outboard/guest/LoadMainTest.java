package dev.outboard.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.outboard.linux.Processes;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The line protocol of a load's own process. */
@Timeout(120)
class LoadMainTest {
  private static Process start(String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                LoadMain.class.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private static String failure(String... arguments) throws Exception {
    Process process = start(arguments);
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      String line = out.readLine();
      assertNull(out.readLine());
      assertEquals(1, process.waitFor());
      return line;
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void mistakesAreOneLine() throws Exception {
    assertEquals("{\"error\":\"'arm' must be set\"}", failure());
    assertTrue(failure("arm=tap").contains("known are vhost-user, vmm-tap, host"));
    String missing = failure("arm=vhost-user", "patience=0", "a.socket=/no", "b.socket=/no");
    assertTrue(missing.contains("connect to /no"), missing);
    assertTrue(failure("arm=vmm-tap", "colour=red").contains("unknown setting 'colour'"));
    assertTrue(failure("arm=vmm-tap", "features=all").contains("unknown features 'all'"));
  }

  @Test
  void roundsAreAnsweredLineByLine() throws Exception {
    assumeTrue(Processes.isRoot(), "namespaces and TAPs need root");
    Process process = start("arm=vmm-tap", "idling=adaptive");
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        PrintWriter in = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true)) {
      assertEquals("{\"ready\":\"vmm-tap\"}", out.readLine());
      in.println("round rtt seconds=0.2 size=100");
      String rtt = out.readLine();
      assertTrue(rtt.startsWith("{\"load\":\"rtt\",\"seconds\":0."), rtt);
      assertTrue(rtt.contains("\"rtt_ns\":{\"count\":"), rtt);
      in.println("round stream seconds=0.2 kind=raw size=1500");
      assertTrue(out.readLine().contains("\"load\":\"stream\""));
      in.println("round messages seconds=0.2 request=64 response=1400 in-flight=8");
      assertTrue(out.readLine().contains("\"load\":\"messages\""));
      in.println("round paced seconds=0.2 rate=1000 size=64 idling=sleep");
      assertTrue(out.readLine().contains("\"load\":\"paced\",\"seconds\":0."));
      in.println("round cores seconds=0.01");
      assertTrue(out.readLine().contains("\"round_trip_ns\":"));
      in.println("round dance");
      assertTrue(out.readLine().contains("unknown load 'dance'"));
      in.println("round rtt size=1");
      assertTrue(out.readLine().contains("too short"));
      in.println("quit");
      assertNull(out.readLine());
      assertTrue(process.waitFor(10, TimeUnit.SECONDS));
      assertEquals(0, process.exitValue());
    } finally {
      process.destroyForcibly();
    }
  }
}
