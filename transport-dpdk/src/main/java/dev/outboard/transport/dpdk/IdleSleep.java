package dev.outboard.transport.dpdk;

import dev.outboard.linux.LinuxException;
import dev.outboard.linux.TimerFd;
import dev.outboard.spi.WorkerContext;
import java.util.List;

/**
 * How a port's worker sleeps without frames. A device that can wake it does so, by descriptors that
 * become readable; else the worker looks by itself after a while, which is longer each time that
 * there was nothing, up to a limit. Its worker's; hot.
 */
final class IdleSleep {
  private static final long SHORTEST_NANOS = 50_000;

  /** A device that wakes workers is looked after, too, but seldom. */
  private static final long WOKEN_NANOS = 10_000_000;

  private final TimerFd timer = new TimerFd();
  private final List<Integer> wakeups;
  private final long shortest;
  private final long longest;
  private long nanos;
  private boolean asleep;

  /** When {@link #keepAlarm} has to set the timer again. */
  private long alarm = System.nanoTime();

  /**
   * The sleep of one port.
   *
   * @param wakeups descriptors that become readable when there are frames, if there are any
   * @param longest in nanoseconds
   */
  IdleSleep(List<Integer> wakeups, long longest) throws LinuxException {
    this.wakeups = wakeups;
    this.longest = wakeups.isEmpty() ? longest : WOKEN_NANOS;
    shortest = wakeups.isEmpty() ? Math.min(longest, SHORTEST_NANOS) : WOKEN_NANOS;
    nanos = shortest;
  }

  /** The worker waits for them from now on; false if one of them can't be watched. */
  boolean watch(WorkerContext worker) {
    alarm = System.nanoTime();
    boolean watched = worker.watch(timer.fd());
    for (int fd : wakeups) {
      watched &= worker.watch(fd);
    }
    return watched;
  }

  /** Ends {@link #watch}. */
  void unwatch(WorkerContext worker) {
    timer.set(0);
    worker.unwatch(timer.fd());
    wakeups.forEach(worker::unwatch);
  }

  /**
   * Wakes the worker after some time.
   *
   * @param most of it, in nanoseconds
   */
  void begin(long most) {
    timer.set(Math.max(1, Math.min(nanos, most)));
    nanos = Math.min(longest, nanos * 2);
    asleep = true;
  }

  /**
   * For a port that is never told that its worker goes to sleep: has it woken within the time, and
   * sets the timer no more often than it rings.
   */
  void keepAlarm(long now) {
    if (now - alarm >= 0) {
      timer.set(nanos);
      alarm = now + nanos;
      nanos = Math.min(longest, nanos * 2);
    }
  }

  /** The worker is awake, by this or something else. */
  void end() {
    if (asleep) {
      asleep = false;
      timer.set(0);
    }
  }

  /** There was something to do: the next sleep is short. */
  void sawWork() {
    nanos = shortest;
  }

  void close() {
    timer.close();
  }
}
