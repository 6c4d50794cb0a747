package dev.outboard.bench.start;

import dev.outboard.bench.Guests;
import dev.outboard.guest.FrameCheck;
import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.integration.UserException;
import dev.outboard.linux.LinuxException;
import dev.outboard.linux.Threads;
import java.util.concurrent.FutureTask;

/**
 * All that one guest can send to another from now on, and how much arrived when. On a thread of its
 * own, which has a processor to itself; the sidecar may take what it gets.
 */
final class StartLoad {
  static final int BUCKET_MILLIS = 10;

  private static final int FRAME = 64;
  private static final int WINDOW = 192;
  private static final int BURST = 32;
  private static final long BUCKET_NANOS = BUCKET_MILLIS * 1_000_000L;

  private StartLoad() {}

  /** Runs for so many buckets. */
  static WarmUpCurve run(VhostUserGuest from, VhostUserGuest to, int buckets, int cpu)
      throws UserException, InterruptedException {
    FutureTask<WarmUpCurve> task =
        new FutureTask<>(
            () -> {
              Threads.pinCurrentThread(cpu);
              return new WarmUpCurve(exchange(from, to, buckets), BUCKET_MILLIS);
            });
    Thread thread = Thread.ofPlatform().name("guests").start(task);
    thread.join();
    return switch (task.state()) {
      case SUCCESS -> task.resultNow();
      default ->
          throw new UserException(
              "the guests failed: " + task.exceptionNow().getMessage(), task.exceptionNow());
    };
  }

  private static long[] exchange(VhostUserGuest from, VhostUserGuest to, int buckets)
      throws LinuxException {
    FrameTemplate frame = FrameTemplate.raw(Guests.endpoint(0), Guests.endpoint(1), FRAME);
    FrameCheck check = new FrameCheck(frame);
    long[] counts = new long[buckets];
    long sent = 0;
    long before = 0;
    long begin = System.nanoTime();
    int bucket = 0;
    while (bucket < buckets) {
      long room = WINDOW - (sent - check.position());
      if (room >= BURST) {
        sent += from.send(frame, sent, BURST);
      }
      int _ = to.receive(check, 2 * BURST);
      int now = (int) Math.min(buckets, (System.nanoTime() - begin) / BUCKET_NANOS);
      if (now > bucket) {
        counts[bucket] = check.frames() - before;
        before = check.frames();
        bucket = now;
      }
    }
    return counts;
  }
}
