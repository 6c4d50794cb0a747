package dev.outboard.engine.forwarding;

/**
 * How many broadcast and multicast frames one station may send: a bucket that fills with time. Used
 * by all workers of a guest; for a station on another host by all workers of this one. Two that are
 * here at once may overwrite what the other has taken or filled in: now and then some frames more,
 * or fewer, pass than should. That does no harm, and costs no locked instruction.
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
    // Read once: between two looks another worker may take the last one.
    int left = tokens;
    if (left <= 0) {
      return false;
    }
    tokens = left - 1;
    return true;
  }
}
