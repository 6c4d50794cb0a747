package dev.outboard.guest;

import org.HdrHistogram.Histogram;

/**
 * Load: one frame in flight, from a to b and back, the round trip timed. Called by any thread,
 * which drives a itself.
 */
public final class PingPong {
  private static final long PATIENCE_NANOS = 1_000_000_000;
  private static final long YIELD_NANOS = 20_000;
  private static final int LOOKS_PER_CLOCK = 256;
  private static final long HIGHEST_NANOS = 60_000_000_000L;
  private static final int DIGITS = 3;

  private PingPong() {}

  /**
   * Runs until the time is over, or so many round trips are done.
   *
   * @param length bytes of a frame from the Ethernet header on
   */
  public static LoadResult run(
      GuestPair pair, FrameTemplate.Kind kind, int length, double seconds, long count) {
    FrameTemplate request = pair.toB(kind, length, length);
    FrameTemplate response = pair.toA(kind, length, length);
    Echo echo = new Echo(pair.b(), request, response, 1);
    FrameCheck check = new FrameCheck(response);
    Histogram rtt = new Histogram(HIGHEST_NANOS, DIGITS);
    GuestPair.Idler idler = pair.idlerA();
    boolean together = pair.driving() == GuestPair.Driving.TOGETHER;
    GuestPair.pin(pair.aCpu());
    LoadPeer side = together ? null : pair.startEcho(echo);
    long sequence = 0;
    long begin = System.nanoTime();
    long end = begin + (long) (seconds * 1e9);
    long now = begin;
    while (now < end && sequence < count) {
      long start = now;
      while (pair.a().send(request, sequence, 1) == 0) {
        Thread.onSpinWait();
      }
      sequence++;
      boolean back =
          together
              ? awaitTogether(pair.a(), check, echo, sequence, start)
              : awaitApart(pair.a(), check, idler, side, sequence, start);
      now = System.nanoTime();
      if (back) {
        rtt.recordValue(now - start);
      } else {
        check.giveUp(sequence);
      }
    }
    if (side != null) {
      side.join();
    }
    return LoadResult.of("rtt", (now - begin) / 1e9, sequence, check, echo, rtt);
  }

  private static boolean awaitTogether(
      GuestDevice a, FrameCheck check, Echo echo, long target, long start) {
    while (true) {
      for (int i = 0; i < LOOKS_PER_CLOCK; i++) {
        if (!echo.step() && a.receive(check, 1) == 0) {
          Thread.onSpinWait();
        }
        if (check.position() >= target) {
          return true;
        }
      }
      long waited = System.nanoTime() - start;
      if (waited > PATIENCE_NANOS) {
        return false;
      }
      if (waited > YIELD_NANOS) {
        GuestPair.letOthersRun();
      }
    }
  }

  private static boolean awaitApart(
      GuestDevice a,
      FrameCheck check,
      GuestPair.Idler idler,
      LoadPeer side,
      long target,
      long start) {
    idler.reset();
    int looks = 0;
    while (check.position() < target) {
      if (a.receive(check, 1) == 0) {
        boolean due = idler.idle() || ++looks % LOOKS_PER_CLOCK == 0;
        if (due && (side.hasFailed() || System.nanoTime() - start > PATIENCE_NANOS)) {
          return false;
        }
      }
    }
    return true;
  }
}
