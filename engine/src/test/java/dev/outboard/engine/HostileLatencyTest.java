package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.Cores;
import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.GuestPair;
import dev.outboard.guest.LoadResult;
import dev.outboard.guest.PingPong;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.linux.Threads;
import dev.outboard.testing.LongTier;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;

/**
 * What an attack costs others in time: the round trips of two guests beside it, against those
 * beside a well-behaved guest that makes the same load. Windows of both in turns; medians of the
 * windows in which the two processors stood to each other as in most.
 */
class HostileLatencyTest {
  private static final int PEER = 2;
  private static final int WINDOWS = 15;
  private static final int MOST_WINDOWS = 60;
  private static final double SECONDS = 0.6;
  private static final double STATE_SECONDS = 0.004;
  private static final int LENGTH = 64;
  private static final double P99 = 99;
  private static final double MOST_RATIO = 2;

  /** How far apart the processors are: see {@link Cores}. */
  private enum Distance {
    NEAR,
    MIDDLE,
    FAR;

    static Distance now() throws Exception {
      double[] nanos = new double[1];
      int[] cpus = Threads.allowedCpus();
      // A thread of its own, because it stays pinned.
      Thread thread =
          Thread.ofPlatform()
              .start(() -> nanos[0] = Cores.roundTripNanos(cpus[0], cpus[1], STATE_SECONDS));
      thread.join();
      return nanos[0] < 75 ? NEAR : nanos[0] < 300 ? MIDDLE : FAR;
    }
  }

  private record Window(boolean hostile, Distance distance, double p99) {}

  @LongTier("hostile-latency")
  @Timeout(value = 40, unit = TimeUnit.MINUTES)
  void beside() throws Exception {
    List<String> tooSlow = new ArrayList<>();
    for (LoadClass load : LoadClass.values()) {
      double ratio = ratio(load);
      if (ratio > MOST_RATIO) {
        tooSlow.add(load + ": " + ratio);
      }
    }
    assertTrue(tooSlow.isEmpty(), tooSlow.toString());
  }

  private static double ratio(LoadClass load) throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest peer = host.start(host.spec(PEER), GuestOptions.DEFAULT);
      VhostUserGuest a = host.start(3);
      VhostUserGuest b = host.start(4);
      GuestPair pair =
          new GuestPair(
              a,
              b,
              TestHost.endpoint(3),
              TestHost.endpoint(4),
              GuestPair.Driving.TOGETHER,
              GuestPair.Idling.POLL,
              -1,
              -1);
      PingPong.run(pair, FrameTemplate.Kind.UDP, LENGTH, 2, Long.MAX_VALUE);
      List<Window> windows = new ArrayList<>();
      for (int i = 0; i < 2 * MOST_WINDOWS; i++) {
        windows.add(window(host, peer, pair, load, i % 2 == 1));
        if (i % 2 == 1 && comparable(windows).size() >= 2 * WINDOWS) {
          break;
        }
      }
      return report(load, windows);
    }
  }

  private static Window window(
      TestHost host, VhostUserGuest peer, GuestPair pair, LoadClass load, boolean hostile)
      throws Exception {
    Distance before = Distance.now();
    try (Attacker guest = new Attacker(host, peer, PEER, 0)) {
      load.start(guest, hostile);
      LoadResult result =
          PingPong.run(pair, FrameTemplate.Kind.UDP, LENGTH, SECONDS, Long.MAX_VALUE);
      assertTrue(result.lost() == 0, "the bystanders have lost frames");
      Distance after = Distance.now();
      return new Window(
          hostile,
          before == after ? before : null,
          result.rtt().orElseThrow().getValueAtPercentile(P99));
    }
  }

  /** The windows of the most frequent distance, as many hostile ones as others. */
  private static List<Window> comparable(List<Window> windows) {
    Map<Distance, List<Window>> pairs = new EnumMap<>(Distance.class);
    for (int i = 0; i + 1 < windows.size(); i += 2) {
      Distance distance = windows.get(i).distance;
      if (distance != null && distance == windows.get(i + 1).distance) {
        pairs.computeIfAbsent(distance, d -> new ArrayList<>()).addAll(windows.subList(i, i + 2));
      }
    }
    return pairs.values().stream()
        .max((x, y) -> Integer.compare(x.size(), y.size()))
        .orElse(List.of());
  }

  private static double report(LoadClass load, List<Window> windows) {
    List<Window> used = comparable(windows);
    assertTrue(
        used.size() >= 2 * WINDOWS,
        () -> load + ": only " + used.size() + " windows in one state; use a quieter machine");
    double honest = median(used, false);
    double hostile = median(used, true);
    System.out.printf(
        "figure: beside %s: p99 %.1f us, beside a well-behaved guest %.1f us, ratio %.2f (%d"
            + " windows each, processors %s)%n",
        load, hostile / 1e3, honest / 1e3, hostile / honest, used.size() / 2, used.get(0).distance);
    return hostile / honest;
  }

  private static double median(List<Window> windows, boolean hostile) {
    double[] sorted =
        windows.stream()
            .filter(window -> window.hostile == hostile)
            .mapToDouble(Window::p99)
            .sorted()
            .toArray();
    return sorted[sorted.length / 2];
  }
}
