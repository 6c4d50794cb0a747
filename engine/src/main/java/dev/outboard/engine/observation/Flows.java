package dev.outboard.engine.observation;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The TCP connections of one queue pair of a guest, with at most one probe each: a sequence number
 * that was sent once, and when. A table of fixed size; where it is full, the connection that was
 * silent longest makes room.
 *
 * <p>Theory of operation. What the guest sends is told by the queue's own worker only: {@link
 * #sent} alone puts connections and probes here. Acknowledgments are told by whatever worker
 * delivers them, so {@link #acknowledged} claims a probe by compare-and-set; each probe has a
 * number of its own, so what is claimed is what was read before. An acknowledgment may even come
 * before its segment is told, because frames are told after they left. So both sides write first
 * and read then, with a fence between: either the acknowledgment finds the probe, or the probe the
 * acknowledgment, and is given up.
 *
 * <p>A retransmission makes all guesses void (Karn's rule): the probe is given up, and there is no
 * new one until all is acknowledged that was sent before. So no sample has a loss in it.
 */
final class Flows {
  /** What {@link #acknowledged} says if no probe is acknowledged. */
  static final long NONE = Long.MIN_VALUE;

  private static final int SETS = 256;
  private static final int WAYS = 4;

  /** Set in each key, so that 0 is nobody's. */
  private static final long TAKEN = 1L << 63;

  private static final long UPPER_HALF = 0xffff_ffffL << 32;

  /** No window is larger (RFC 7323, section 2.3): what claims so is of another connection. */
  private static final int LARGEST_WINDOW = 1 << 30;

  private static final VarHandle LONG = MethodHandles.arrayElementVarHandle(long[].class);

  private final long[] keys = new long[SETS * WAYS];
  private final long[] probes = new long[SETS * WAYS];
  private final long[] probeTimes = new long[SETS * WAYS];

  /** The last acknowledgment, below the upper half of the key. */
  private final long[] acknowledgments = new long[SETS * WAYS];

  private final int[] highest = new int[SETS * WAYS];
  private final long[] lastSent = new long[SETS * WAYS];

  /** Up to where things must be acknowledged before the next probe, if {@link #recovers}. */
  private final int[] recovery = new int[SETS * WAYS];

  private final boolean[] recovers = new boolean[SETS * WAYS];
  private int probeNumber;

  /**
   * The guest has sent a segment. Its worker alone.
   *
   * @param connection a number for it
   * @param length how many sequence numbers the segment takes, more than 0
   * @param opens whether it is a SYN
   * @param time when it was sent
   * @return how many of its sequence numbers were sent before
   */
  int sent(long connection, int sequence, int length, boolean opens, long time) {
    long key = connection | TAKEN;
    int end = sequence + length;
    int slot = find(key);
    if (slot < 0) {
      slot = longestSilent(key);
      begin(slot, key, sequence, end, opens);
    } else if (opens && end != highest[slot]) {
      begin(slot, key, sequence, end, true);
    }
    lastSent[slot] = time;
    int before = highest[slot] - sequence;
    if (end - highest[slot] > 0) {
      highest[slot] = end;
    }
    if (before > 0) {
      giveUpProbe(slot);
      recovers[slot] = true;
      recovery[slot] = highest[slot];
      return Math.min(before, length);
    }
    if (recovers[slot]) {
      recovers[slot] = !isAcknowledged(slot, key, recovery[slot]);
    }
    if (!recovers[slot] && (long) LONG.getOpaque(probes, slot) == 0) {
      startProbe(slot, key, end, time);
    }
    return 0;
  }

  /**
   * A connection takes the slot. One that was not seen from its beginning may just be sending
   * something again, so its first segment is not timed.
   */
  private void begin(int slot, long key, int sequence, int end, boolean opens) {
    giveUpProbe(slot);
    LONG.setRelease(keys, slot, key);
    highest[slot] = sequence;
    recovers[slot] = !opens;
    recovery[slot] = end;
  }

  private void startProbe(int slot, long key, int end, long time) {
    probeNumber++;
    long probe = halves((long) end << 32, probeNumber);
    LONG.setRelease(probeTimes, slot, time);
    LONG.setRelease(probes, slot, probe);
    VarHandle.fullFence();
    if (isAcknowledged(slot, key, end)) {
      giveUpProbe(slot);
    }
  }

  private void giveUpProbe(int slot) {
    long _ = (long) LONG.getAndSet(probes, slot, 0L);
  }

  private boolean isAcknowledged(int slot, long key, int end) {
    long last = (long) LONG.getOpaque(acknowledgments, slot);
    return ((last ^ key) & UPPER_HALF) == 0 && covers((int) last, end);
  }

  private static boolean covers(int acknowledgment, int end) {
    int beyond = acknowledgment - end;
    return beyond >= 0 && beyond < LARGEST_WINDOW;
  }

  /**
   * The guest is given an acknowledgment. Any worker.
   *
   * @return when the probe was sent that it acknowledges, or {@link #NONE}
   */
  long acknowledged(long connection, int acknowledgment) {
    long key = connection | TAKEN;
    int slot = find(key);
    if (slot < 0) {
      return NONE;
    }
    LONG.setOpaque(acknowledgments, slot, halves(key, acknowledgment));
    VarHandle.fullFence();
    long probe = (long) LONG.getAcquire(probes, slot);
    if (probe == 0 || !covers(acknowledgment, (int) (probe >>> 32))) {
      return NONE;
    }
    long time = (long) LONG.getAcquire(probeTimes, slot);
    boolean same = (long) LONG.getAcquire(keys, slot) == key;
    return same && LONG.compareAndSet(probes, slot, probe, 0L) ? time : NONE;
  }

  private int find(long key) {
    int first = first(key);
    for (int slot = first; slot < first + WAYS; slot++) {
      if ((long) LONG.getAcquire(keys, slot) == key) {
        return slot;
      }
    }
    return -1;
  }

  private int longestSilent(long key) {
    int first = first(key);
    int found = first;
    for (int slot = first; slot < first + WAYS; slot++) {
      if (keys[slot] == 0) {
        return slot;
      }
      if (lastSent[slot] - lastSent[found] < 0) {
        found = slot;
      }
    }
    return found;
  }

  private static long halves(long upper, int lower) {
    return (upper & UPPER_HALF) | (lower & ~UPPER_HALF);
  }

  private static int first(long key) {
    return ((int) key & (SETS - 1)) * WAYS;
  }
}
