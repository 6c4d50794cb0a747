package dev.outboard.bench;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code dpdk-testpmd}, which does the same in C: its own figure, once it is at full speed. */
final class NullTestpmd {
  private static final Pattern RATE = Pattern.compile("Rx-pps:\\s+(\\d+)");

  /** The first figures count from the start of the process. */
  private static final int SKIPPED = 2;

  private static final String PROGRAM = "dpdk-testpmd";

  private NullTestpmd() {}

  /** Whether it is on this user's path. */
  static boolean isInstalled() {
    String path = Objects.requireNonNullElse(System.getenv("PATH"), "");
    return Arrays.stream(path.split(File.pathSeparator, -1))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, PROGRAM)));
  }

  static long packetsPerSecond(int cpu) throws IOException {
    Process process =
        new ProcessBuilder(
                PROGRAM,
                "--no-huge",
                "--no-shconf",
                "--no-telemetry",
                "--no-pci",
                "-m",
                "512",
                "--lcores",
                "0@(0-%d),1@%d".formatted(cpu, cpu),
                "--vdev",
                "net_null0",
                "--",
                "--nb-cores=1",
                "--forward-mode=io",
                "--port-topology=loop",
                "--burst=32",
                "--total-num-mbufs=16384",
                "--stats-period=1")
            .redirectErrorStream(true)
            .start();
    StringBuilder seen = new StringBuilder();
    try (BufferedReader output = process.inputReader()) {
      int figures = 0;
      String line;
      while ((line = output.readLine()) != null) {
        seen.append(line).append('\n');
        Matcher rate = RATE.matcher(line);
        if (rate.find() && figures++ >= SKIPPED) {
          return Long.parseLong(rate.group(1));
        }
      }
      throw new IOException("dpdk-testpmd (package dpdk-dev) gave no figure: " + seen);
    } finally {
      Process _ = process.destroyForcibly();
      Process _ = process.onExit().join();
    }
  }
}
