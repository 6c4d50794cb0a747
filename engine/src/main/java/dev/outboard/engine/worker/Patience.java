package dev.outboard.engine.worker;

/**
 * How long a worker goes on polling a quiet guest before it sleeps. The worker's thread.
 *
 * <p>Theory of operation. Polling pays when the next frame comes before the time is up: it saves a
 * sleep, a wake-up and the other side's kick. When it does not, it takes a processor from those who
 * would make that frame; on a small host that costs more than it gains. So each sleep is judged
 * afterwards: one that was shorter than the limit would have been caught by polling, and doubles
 * the time; a longer one shows that polling was in vain, and quarters it, down to nothing.
 */
final class Patience {
  private static final long FIRST_NANOS = 5_000;
  private static final long LEAST_NANOS = 1_000;

  private final long limit;
  private long nanos;

  Patience(long limitNanos) {
    limit = limitNanos;
    nanos = Math.min(FIRST_NANOS, limitNanos);
  }

  /** How long to poll now. */
  long nanos() {
    return nanos;
  }

  /** A sleep has ended because there was work. */
  void slept(long duration) {
    if (duration < limit) {
      nanos = Math.min(limit, Math.max(FIRST_NANOS, 2 * nanos));
    } else {
      nanos = nanos / 4 < LEAST_NANOS ? 0 : nanos / 4;
    }
  }
}
