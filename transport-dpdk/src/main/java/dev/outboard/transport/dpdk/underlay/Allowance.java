package dev.outboard.transport.dpdk.underlay;

/** How many questions a worker still answers: so many a second, and a few at once. Its worker's. */
final class Allowance {
  /** Answers in a row, and the time that brings one more: 1,000 a second. */
  static final int MOST = 100;

  private static final long PAUSE = 1_000_000L;

  /** The time up to which everything is spent, never more than MOST pauses ago. */
  private long spentUntil;

  Allowance(long now) {
    spentUntil = now - MOST * PAUSE;
  }

  /** Takes one, if there is one. */
  boolean take(long now) {
    if (now - spentUntil > MOST * PAUSE) {
      spentUntil = now - MOST * PAUSE;
    }
    if (now - spentUntil < PAUSE) {
      return false;
    }
    spentUntil += PAUSE;
    return true;
  }
}
