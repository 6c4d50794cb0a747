package dev.outboard.engine.forwarding;

/**
 * How many broadcast and multicast frames one station may send: a bucket that fills with time. Used
 * by a guest's worker alone; for a station on another host by all workers, which makes it a little
 * less exact.
 */
public final class FloodLimit {
  private static final int BURST = 256;
  private static final long NANOS_PER_FRAME = 1_000_000;

  private int tokens = BURST;
  private long filledAt;

  /** Takes one frame's worth, if there is. */
  public boolean take(long now) {
    long earned = (now - filledAt) / NANOS_PER_FRAME;
    if (earned > 0) {
      tokens = (int) Math.min(BURST, tokens + earned);
      filledAt = now;
    }
    if (tokens == 0) {
      return false;
    }
    tokens--;
    return true;
  }
}
