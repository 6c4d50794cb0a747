package dev.outboard.e2e;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.lab.Iperf3;
import dev.outboard.lab.LinuxGuest;
import dev.outboard.lab.Sockperf;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The same load on every path between two guests, with what was counted while it ran: so that one
 * table compares the paths, and each of its lines has shown that the tools work there.
 */
final class Traffic {
  private static final boolean LONG = Boolean.getBoolean("long");
  private static final int SECONDS = LONG ? 10 : 1;

  /** The first half second of a run is its warm-up, which does not count. */
  private static final int LATENCY_SECONDS = LONG ? 10 : 1;

  private static final int SMALL = 64;

  private final LinuxGuest one;
  private final LinuxGuest two;
  private final Supplier<Counts> counts;
  private final Map<String, ProcessHandle> processes = new TreeMap<>();

  /**
   * Frames and bytes that guest one has sent, and that guest two has sent.
   *
   * @param drops frames lost on the way, by reason
   */
  record Counts(long frames, long bytes, long framesBack, long bytesBack, Map<String, Long> drops) {

    Counts since(Counts before) {
      Map<String, Long> more = new TreeMap<>();
      drops.forEach(
          (reason, count) -> {
            long added = count - before.drops.getOrDefault(reason, 0L);
            if (added != 0) {
              more.put(reason, added);
            }
          });
      return new Counts(
          frames - before.frames,
          bytes - before.bytes,
          framesBack - before.framesBack,
          bytesBack - before.bytesBack,
          more);
    }

    long all() {
      return frames + framesBack;
    }
  }

  /** What a line of the table says. CPU is that of the guests' processes and of the sidecar. */
  record Figures(
      String path,
      double bootSeconds,
      double gbitThere,
      double gbitBack,
      long frameBytesThere,
      long frameBytesBack,
      Sockperf udp,
      Sockperf tcp,
      Map<String, Double> cpuInUdp,
      Map<String, Double> cpuInTcp,
      Map<String, Long> drops) {}

  /** The guests, how their frames are counted, and the sidecar that serves them, if there is. */
  Traffic(LinuxGuest one, LinuxGuest two, ProcessHandle sidecar, Supplier<Counts> counts) {
    this.one = one;
    this.two = two;
    this.counts = counts;
    processes.put("one", one.process());
    processes.put("two", two.process());
    if (sidecar != null) {
      processes.put("sidecar", sidecar);
    }
  }

  /** Pings in both directions, by IPv4 and IPv6. */
  static void ping(LinuxGuest one, LinuxGuest two) {
    one.run("ping -c 2 -i 0.2 -W 9 " + two.config().address());
    two.run("ping -c 2 -i 0.2 -W 9 " + one.config().address());
    one.run("ping -c 2 -i 0.2 -W 9 " + two.config().address6());
  }

  /** Runs everything but ping; each tool must succeed and its frames must have been counted. */
  Figures measure(String path) {
    String address = two.config().address();
    Iperf3.serve(two);
    Sockperf.serve(two);
    final Counts start = counts.get();
    final Map<String, Double> cpu0 = cpu();
    Iperf3 there = Iperf3.tcp(one, address, SECONDS);
    final Map<String, Double> cpu1 = cpu();
    final Counts afterThere = counts.get();
    Iperf3 back = Iperf3.run(one, address, SECONDS, "-R");
    Counts afterBack = counts.get();
    final Map<String, Double> cpu2 = cpu();
    Sockperf udp = Sockperf.udp(one, address, SMALL, LATENCY_SECONDS);
    Map<String, Double> cpu3 = cpu();
    Sockperf tcp = Sockperf.tcp(one, address, SMALL, LATENCY_SECONDS);
    Counts end = counts.get();
    two.run("killall iperf3 sockperf; true");

    Counts forth = afterThere.since(start);
    Counts reverse = afterBack.since(afterThere);
    Counts small = end.since(afterBack);
    assertTrue(there.gbits() > 0.01 && back.gbits() > 0.01, there + " " + back);
    assertTrue(forth.bytes() > there.gbits() * 1e9 / 8 * SECONDS * 0.8, forth + " " + there);
    assertTrue(reverse.bytesBack() > back.gbits() * 1e9 / 8 * SECONDS * 0.8, reverse + "");
    assertTrue(udp.messages() > 100 && tcp.messages() > 100, udp + " " + tcp);
    assertTrue(small.all() >= 2 * (udp.messages() + tcp.messages()), small + "");
    return new Figures(
        path,
        Math.max(one.bootTime().toMillis(), two.bootTime().toMillis()) / 1000.0,
        there.gbits(),
        back.gbits(),
        forth.bytes() / forth.frames(),
        reverse.bytesBack() / reverse.framesBack(),
        udp,
        tcp,
        difference(cpu3, cpu2),
        difference(cpu1, cpu0),
        end.since(start).drops());
  }

  /** Processor seconds that each side has used so far. */
  private Map<String, Double> cpu() {
    Map<String, Double> seconds = new TreeMap<>();
    processes.forEach((name, process) -> seconds.put(name, cpu(process)));
    return seconds;
  }

  private static double cpu(ProcessHandle process) {
    double seconds = process.info().totalCpuDuration().orElse(Duration.ZERO).toMillis() / 1000.0;
    return seconds + process.children().mapToDouble(Traffic::cpu).sum();
  }

  private static Map<String, Double> difference(
      Map<String, Double> after, Map<String, Double> before) {
    Map<String, Double> used = new TreeMap<>();
    after.forEach((name, seconds) -> used.put(name, seconds - before.get(name)));
    return used;
  }
}
