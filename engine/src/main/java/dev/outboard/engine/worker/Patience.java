package dev.outboard.engine.worker;

/**
 * How long a worker goes on polling one quiet guest before it leaves it alone until its kick. The
 * worker's thread.
 *
 * <p>Theory of operation. Polling pays when the next frame comes before the time is up: it saves
 * the other side's kick and perhaps a sleep of ours. When it does not, it takes a processor from
 * those who would make that frame; on a small host that costs more than it gains. So each rest of
 * the guest is judged when it ends: one that was shorter than the limit would have been caught by
 * polling, and doubles the time; a longer one shows that polling was in vain, and quarters it, down
 * to nothing. The judgement is on the guest and not on the worker's sleep: two guests that answer
 * each other would keep the worker awake and never be polled long enough to find that out.
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

  /** The guest has kicked, so long after it was left alone. */
  void rested(long duration) {
    if (duration < limit) {
      nanos = Math.min(limit, Math.max(FIRST_NANOS, 2 * nanos));
    } else {
      nanos = nanos / 4 < LEAST_NANOS ? 0 : nanos / 4;
    }
  }
}
