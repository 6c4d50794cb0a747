package dev.outboard.transport.dpdk;

import dev.outboard.linux.TimerFd;

/**
 * How a port's worker sleeps where the device can't wake it: for a while, which is longer each time
 * that there was nothing, up to a limit. Its worker's; hot.
 */
final class IdleSleep {
  private static final long SHORTEST_NANOS = 50_000;

  private final TimerFd timer;
  private final long longest;
  private long nanos;
  private boolean asleep;

  /**
   * The sleep of one port.
   *
   * @param longest in nanoseconds
   */
  IdleSleep(TimerFd timer, long longest) {
    this.timer = timer;
    this.longest = longest;
    sawWork();
  }

  int fd() {
    return timer.fd();
  }

  /** Wakes the worker after some time. */
  void begin() {
    timer.set(nanos);
    nanos = Math.min(longest, nanos * 2);
    asleep = true;
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
    nanos = Math.min(longest, SHORTEST_NANOS);
  }

  void close() {
    timer.close();
  }
}
