package dev.outboard.integration.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.outboard.integration.doctor.Finding.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Which limit stops how many guests, and where limits are read. */
class LimitsTest {
  private static final long NONE = Long.MAX_VALUE;
  private static final ReleaseNumber NEW = new ReleaseNumber(6, 1);
  private static final Need HUNDRED = Need.usual(100);
  private static final Limits GENEROUS = new Limits(NONE, NONE, NONE, NONE, NEW);

  @TempDir private Path root;

  static Stream<Arguments> hosts() {
    long files = HUNDRED.descriptors();
    long maps = HUNDRED.mappings();
    long threads = HUNDRED.threads();
    ReleaseNumber old = new ReleaseNumber(5, 11);
    return Stream.of(
        arguments("open-files", new Limits(files, NONE, NONE, NONE, NEW), State.OK),
        arguments("open-files", new Limits(files - 1, NONE, NONE, NONE, NEW), State.NO),
        arguments("memory-mappings", new Limits(NONE, maps, NONE, NONE, NEW), State.OK),
        arguments("memory-mappings", new Limits(NONE, maps - 1, NONE, NONE, NEW), State.NO),
        arguments("threads", new Limits(NONE, NONE, threads, NONE, NEW), State.OK),
        arguments("threads", new Limits(NONE, NONE, threads - 1, NONE, NEW), State.NO),
        arguments("locked-memory", new Limits(NONE, NONE, NONE, 0, NEW), State.OK),
        arguments("locked-memory", new Limits(NONE, NONE, NONE, 0, old), State.WARN),
        arguments("locked-memory", new Limits(NONE, NONE, NONE, NONE, old), State.OK));
  }

  @ParameterizedTest
  @MethodSource("hosts")
  void aLimitIsEnoughOrSaysSo(String name, Limits limits, State expected) {
    assertEquals(expected, state(limits, HUNDRED, name));
  }

  @Test
  void moreThanABridgeHoldsIsAWarning() {
    assertEquals(State.OK, state(GENEROUS, Need.usual(1023), "bridge-ports"));
    assertEquals(State.WARN, state(GENEROUS, Need.usual(1024), "bridge-ports"));
  }

  @Test
  void moreThanTheConfigurationAllowsIsRefused() {
    assertEquals(State.OK, state(GENEROUS, Need.usual(4096), "max-guests"));
    assertEquals(State.NO, state(GENEROUS, Need.usual(4097), "max-guests"));
  }

  @Test
  void theTightestOfSeveralLimitsOfThreadsCounts() throws IOException {
    write("proc/sys/vm/max_map_count", "65530\n");
    write("proc/sys/kernel/threads-max", "9000\n");
    write("proc/sys/kernel/pid_max", "32768\n");
    write("proc/sys/kernel/osrelease", "5.10.0-28-amd64\n");
    write("proc/self/cgroup", "0::/a.slice/b.service\n");
    write("sys/fs/cgroup/a.slice/pids.max", "500\n");
    write("sys/fs/cgroup/a.slice/b.service/pids.max", "max\n");
    write(
        "proc/self/limits",
        """
        Limit                     Soft Limit           Hard Limit           Units
        Max processes             400                  unlimited            processes
        Max locked memory         8388608              8388608              bytes
        """);
    HostFiles files = new HostFiles(root);
    ReleaseNumber kernel = new ReleaseNumber(5, 10);
    assertEquals(new Limits(7, 65_530, 500, 8 << 20, kernel), Limits.read(files, 7, true));
    assertEquals(new Limits(7, 65_530, 400, 8 << 20, kernel), Limits.read(files, 7, false));
  }

  @Test
  void aHostThatTellsNothingHasNoLimits() {
    assertEquals(
        new Limits(7, NONE, NONE, NONE, new ReleaseNumber(0, 0)),
        Limits.read(new HostFiles(root), 7, false));
  }

  private void write(String file, String text) throws IOException {
    Files.createDirectories(root.resolve(file).getParent());
    Files.writeString(root.resolve(file), text);
  }

  private static State state(Limits limits, Need need, String name) {
    Map<String, State> states =
        limits.findings(need).stream().collect(Collectors.toMap(Finding::name, Finding::state));
    return states.get(name);
  }
}
