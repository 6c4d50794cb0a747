package dev.outboard.integration.figures;

import dev.outboard.integration.UserException;
import dev.outboard.linux.LinuxException;
import dev.outboard.linux.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * How many microVMs this machine has room for. Immutable.
 *
 * @param most on each host
 * @param why that is less than what was asked for; empty if it is not
 */
record Reach(int most, String why) {
  /** Two guests, their rings and threads, in each arm. */
  private static final double MEBIBYTES_PER_PAIR = 6;

  private static final double MEBIBYTES_PER_ARM = 400;
  private static final double SHARE = 0.7;
  private static final int DESCRIPTORS_PER_GUEST = 20;
  private static final int DESCRIPTORS = 200;
  private static final int BRIDGE_PORTS = 1000;

  static Reach of(List<Integer> counts, int arms) throws UserException {
    check();
    int wanted = counts.getLast();
    double memory = (available() * SHARE / arms - MEBIBYTES_PER_ARM) / MEBIBYTES_PER_PAIR;
    Reach reach = new Reach(wanted, "");
    reach = reach.atMost((int) memory, "memory: " + (long) available() + " MiB are free");
    try {
      long files = Processes.openFileLimit();
      long fit = (files - DESCRIPTORS) / DESCRIPTORS_PER_GUEST;
      reach =
          reach.atMost((int) Math.min(fit, wanted), "a process may open %d files".formatted(files));
    } catch (LinuxException e) {
      throw new UserException(e.getMessage(), e);
    }
    reach = reach.atMost(BRIDGE_PORTS, "a Linux bridge has 1,023 ports");
    int most = reach.most;
    List<Integer> left = counts.stream().filter(count -> count <= most).toList();
    if (left.isEmpty()) {
      throw new UserException(
          "there is no room for %d microVMs on each host: %s"
              .formatted(counts.getFirst(), reach.why));
    }
    return new Reach(left.getLast(), reach.why);
  }

  private Reach atMost(int limit, String reason) {
    return limit >= most ? this : new Reach(limit, reason);
  }

  private static void check() throws UserException {
    if (!Processes.isRoot()) {
      throw new UserException(
          "figures needs root, for private network namespaces: run 'sudo ./outboard figures'");
    }
    need("ip", "iproute2");
    need("ethtool", "ethtool");
    need("taskset", "util-linux");
    if (!Files.isWritable(Path.of("/dev/net/tun"))) {
      throw new UserException("there is no /dev/net/tun: run 'modprobe tun'");
    }
  }

  private static void need(String tool, String source) throws UserException {
    for (String folder : List.of("/usr/bin", "/bin", "/usr/sbin", "/sbin")) {
      if (Files.isExecutable(Path.of(folder, tool))) {
        return;
      }
    }
    throw new UserException("figures needs the command " + tool + ": install " + source);
  }

  private static double available() throws UserException {
    try {
      return Files.readAllLines(Path.of("/proc/meminfo")).stream()
          .filter(line -> line.startsWith("MemAvailable:"))
          .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) / 1024)
          .findFirst()
          .orElse(Double.MAX_VALUE);
    } catch (IOException e) {
      throw new UserException("can't read /proc/meminfo: " + e.getMessage(), e);
    }
  }
}
