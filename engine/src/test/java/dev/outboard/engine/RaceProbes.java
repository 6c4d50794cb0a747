package dev.outboard.engine;

import dev.outboard.linux.Epoll;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What {@link RaceClasses} weaves into both sides: counts how often each armed its notification,
 * found on looking again that there was work, and went to sleep; and draws the worker's quiet
 * spells. Each side's counts are written by its own thread; the driver reads those of the device as
 * a measure only, and for good once the worker has ended.
 */
public final class RaceProbes {
  private static final int QUIET_NANOS = 5_000;

  /** Both sides look at their eventfds for so long before they block: few trips have to. */
  private static final long LOOK_NANOS = 20_000;

  private static final int ARMED = 0;
  private static final int LOOKED_AGAIN = 1;
  private static final int SLEPT = 2;

  /** In lines of their own, so that counting does not slow the other side down. */
  private static final int DEVICE = 32;

  private static final int DRIVER = 64;
  private static final long[] COUNTS = new long[96];

  /** What one side has done. */
  record Side(long armed, long lookedAgain, long slept) {}

  private RaceProbes() {}

  static Side device() {
    return side(DEVICE);
  }

  static Side driver() {
    return side(DRIVER);
  }

  private static Side side(int side) {
    return new Side(COUNTS[side + ARMED], COUNTS[side + LOOKED_AGAIN], COUNTS[side + SLEPT]);
  }

  /** Woven in where {@code Virtqueue.armKick} returns {@code work}. */
  public static void deviceArmed(boolean work) {
    armed(DEVICE, work);
  }

  /** Woven in where {@code DriverRing.arm} returns {@code idle}. */
  public static void driverArmed(boolean idle) {
    armed(DRIVER, !idle);
  }

  private static void armed(int side, boolean work) {
    COUNTS[side + ARMED]++;
    if (work) {
      COUNTS[side + LOOKED_AGAIN]++;
    }
  }

  /** Takes the place of {@code Epoll.await} where the worker sleeps. */
  public static int deviceAwaits(Epoll epoll, long nanos) {
    return await(DEVICE, epoll, nanos);
  }

  /** Takes the place of {@code Epoll.await} where the driver sleeps. */
  public static int driverAwaits(Epoll epoll, long nanos) {
    return await(DRIVER, epoll, nanos);
  }

  private static int await(int side, Epoll epoll, long nanos) {
    long end = System.nanoTime() + LOOK_NANOS;
    do {
      int events = epoll.await(0);
      if (events != 0) {
        return events;
      }
    } while (System.nanoTime() < end);
    COUNTS[side + SLEPT]++;
    return epoll.await(nanos);
  }

  /** Takes the place of {@code Patience}'s judgement: how long the worker polls next time. */
  public static long quietNanos() {
    return ThreadLocalRandom.current().nextInt(QUIET_NANOS);
  }
}
