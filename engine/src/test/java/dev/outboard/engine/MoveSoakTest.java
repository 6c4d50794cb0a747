package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.isolation.Shared;
import dev.outboard.isolation.ThreadPerVm;
import dev.outboard.spi.IsolationPolicy;
import dev.outboard.testing.Footprint;
import dev.outboard.testing.LongTier;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Guests are moved between workers again and again while they send to each other as fast as they
 * can: every frame arrives once and in order, and afterwards the process holds what it held before.
 */
class MoveSoakTest {
  private static final int WARM_UP = 100;
  private static final int GUESTS = 4;

  @Test
  void betweenSharedWorkers() throws Exception {
    soak(new Shared(), 2, 200);
  }

  @Test
  void toWorkersThatAreStartedForThem() throws Exception {
    soak(new ThreadPerVm(), 6, 200);
  }

  @LongTier("move-soak")
  void tenThousandMoves() throws Exception {
    soak(new Shared(), 2, 10_000);
    soak(new ThreadPerVm(), 6, 10_000);
  }

  private static void soak(IsolationPolicy policy, int workers, int count) throws Exception {
    EngineSettings settings = new EngineSettings(workers, List.of(), 50, 100, 64);
    try (TestHost host = new TestHost(settings, policy)) {
      TwoWayTraffic one = new TwoWayTraffic(host, 1, host.start(1), 2, host.start(2)).start();
      TwoWayTraffic two = new TwoWayTraffic(host, 3, host.start(3), 4, host.start(4)).start();
      Random random = new Random(count);
      moves(host, random, workers, Math.max(WARM_UP, count / 10));
      Footprint before = Footprint.now();
      long start = System.nanoTime();
      long[] nanos = moves(host, random, workers, count);
      double seconds = (System.nanoTime() - start) / 1e9;
      Footprint after = Footprint.settled(before);
      one.finish();
      two.finish();
      Arrays.sort(nanos);
      System.out.printf(
          "figure: move-soak, %s: %d moves in %.1f s beside %,d frames, none lost or overtaken;"
              + " p50 %d us, p99 %d us, worst %d us%n"
              + "figure:   before %s%nfigure:   after  %s%n",
          policy.name(),
          count,
          seconds,
          one.exchanged() + two.exchanged(),
          nanos[count / 2] / 1000,
          nanos[count * 99 / 100] / 1000,
          nanos[count - 1] / 1000,
          before,
          after);
      assertEquals("", after.growthSince(before));
      assertTrue(one.exchanged() + two.exchanged() > count, "there was traffic all the while");
    }
  }

  /** Each move is to a worker the guest is not on; returns how long each took. */
  private static long[] moves(TestHost host, Random random, int workers, int count)
      throws Exception {
    long[] nanos = new long[count];
    for (int i = 0; i < count; i++) {
      String guest = "g" + (1 + random.nextInt(GUESTS));
      int to = target(host, guest, workers);
      long start = System.nanoTime();
      host.engine.move(guest, to);
      nanos[i] = System.nanoTime() - start;
      assertEquals(to, host.status(guest).worker());
    }
    return nanos;
  }

  /** The next worker that is free for it: with two shared ones the other, else one not running. */
  private static int target(TestHost host, String guest, int workers) {
    int from = host.status(guest).worker();
    List<Integer> running =
        host.engine.workers().stream().map(Engine.WorkerStatus::worker).toList();
    int to = (from + 1) % workers;
    while (workers > 2 && running.contains(to)) {
      to = (to + 1) % workers;
    }
    return to;
  }
}
