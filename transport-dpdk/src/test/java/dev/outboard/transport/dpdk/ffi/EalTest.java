package dev.outboard.transport.dpdk.ffi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** DPDK starts once for a process; what stands in its way is told in one line. */
class EalTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "too-much-memory, can't start DPDK with huge-pages: true",
    "second-user, something else in this process has started DPDK",
    "other-options, started; DPDK runs once for a process"
  })
  void whatCanNotBeStartedIsToldInOneLine(String what, String beginning) throws Exception {
    String line = inFreshProcess(what);
    assertTrue(line.startsWith(beginning), line);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "bad-argument, unrecognized option '--no-such-argument'",
    "bad-value, invalid channel number"
  })
  void whatIsWrongWithAnArgumentIsToldAndNoUsageIsPrinted(String what, String cause)
      throws Exception {
    String line = inFreshProcess(what);
    assertTrue(line.contains(cause), line);
  }

  @Test
  void theThreadThatStartsItKeepsItsProcessors() throws Exception {
    assertEquals("started, affinity kept: true", inFreshProcess("affinity"));
  }

  private static String inFreshProcess(String what) throws Exception {
    assumeTrue(Dpdk.refusal().isEmpty(), () -> Dpdk.refusal().get().reason());
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                FreshProcess.class.getName(),
                what)
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    assertTrue(output.startsWith(FreshProcess.RESULT), output);
    assertEquals(1, output.lines().count(), output);
    return output.substring(FreshProcess.RESULT.length()).strip();
  }
}
