package dev.outboard.integration.compare;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.outboard.integration.UserException;
import dev.outboard.integration.Version;
import dev.outboard.linux.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The machine and how it was used: what one must know to judge the figures. Immutable; written to
 * the JSON as it is.
 *
 * @param threads by arm, which thread was on which processor
 * @param dpdkDriver how DPDK drove that wire; null: it did not
 * @param linkRate how fast the wire between two hosts was at most; null: no limit, or one host
 * @param requestsPerSAtLoad the fixed rate of one of the loads; null without it
 * @param idleCpus processors that were busy while no load ran
 * @param coreStates how often each state of the processors was met, over all loads
 */
public record Host(
    String outboard,
    String started,
    String kernel,
    String cpu,
    int cpus,
    String jdk,
    int rounds,
    double seconds,
    int ring,
    int window,
    Map<String, String> threads,
    @JsonInclude(JsonInclude.Include.NON_NULL) String dpdkDriver,
    @JsonInclude(JsonInclude.Include.NON_NULL) String linkRate,
    @JsonProperty("requests_per_s_at_load") @JsonInclude(JsonInclude.Include.NON_NULL)
        Long requestsPerSAtLoad,
    @JsonProperty("idle_cpus") double idleCpus,
    Map<String, Integer> coreStates) {

  private static final Path TUN = Path.of("/dev/net/tun");
  private static final List<Path> BIN =
      List.of(Path.of("/usr/bin"), Path.of("/bin"), Path.of("/usr/sbin"), Path.of("/sbin"));

  /** Refuses in one line what could not work. */
  static void check(CompareSettings settings) throws UserException {
    if (!Processes.isRoot()) {
      throw new UserException(
          "compare needs root, for private network namespaces: run 'sudo ./outboard compare'");
    }
    checkTaps(settings);
    boolean twoHosts = settings.topology() == Topology.TWO_HOST;
    need("setpriv", "util-linux", true);
    need("unshare", "util-linux", true);
    need("nsenter", "util-linux", twoHosts);
    need("ip", "iproute2", twoHosts || settings.arms().contains(Arm.HOST));
    need("tc", "iproute2", settings.linkRate() != null);
  }

  private static void checkTaps(CompareSettings settings) throws UserException {
    if (settings.arms().stream().noneMatch(Arm::hasTaps)) {
      return;
    }
    if (!Files.exists(TUN)) {
      throw new UserException(
          "there is no " + TUN + ": run 'modprobe tun', or leave out the arms tuntap and vmm-tap");
    }
    if (!Files.isReadable(TUN) || !Files.isWritable(TUN)) {
      throw new UserException(
          "this user may not open " + TUN + ": use sudo, or leave out the arms tuntap and vmm-tap");
    }
  }

  private static void need(String tool, String source, boolean needed) throws UserException {
    if (needed && BIN.stream().noneMatch(folder -> Files.isExecutable(folder.resolve(tool)))) {
      throw new UserException("compare needs the command " + tool + ": install " + source);
    }
  }

  static Host of(
      CompareSettings settings,
      Instant start,
      Cpus cpus,
      double idle,
      long pace,
      List<List<Turn>> turns) {
    Map<String, String> threads = new LinkedHashMap<>();
    settings.arms().forEach(arm -> threads.put(arm.label(), arm.layout(settings.topology(), cpus)));
    Map<String, Integer> states = new TreeMap<>();
    for (Turn turn : turns.stream().flatMap(List::stream).toList()) {
      Stream.of(turn.rttState(), turn.state64(), turn.state1518(), turn.atLoadState())
          .filter(Objects::nonNull)
          .forEach(state -> states.merge(state.label(), 1, Integer::sum));
    }
    return new Host(
        Version.text(),
        start.truncatedTo(ChronoUnit.SECONDS).toString(),
        System.getProperty("os.version"),
        cpuModel(),
        Runtime.getRuntime().availableProcessors(),
        Runtime.version().toString(),
        settings.rounds(),
        settings.seconds(),
        Guests.RING,
        Load.WINDOW,
        threads,
        settings.arms().contains(Arm.DPDK) ? settings.dpdk().words() : null,
        settings.linkRate() == null ? null : settings.linkRate().text(),
        pace == 0 ? null : pace,
        idle,
        states);
  }

  /** What the processors call themselves. */
  public static String cpuModel() {
    try {
      return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("unknown");
    } catch (IOException e) {
      return "unknown";
    }
  }
}
