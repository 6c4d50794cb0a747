package dev.outboard.transport.iouring;

import dev.outboard.linux.OutgoingMessages;
import dev.outboard.packet.Vxlan;
import dev.outboard.spi.FrameBurst;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Messages that the kernel sends from where they lie. One per port; its worker's, hot.
 *
 * <pre>
 *   slot     one message under way
 *     frame k    VXLAN header 0 .. 8, first fragment 8 .. 264     copies, together one iovec
 *     tokens     those of its frames, which go back after the kernel's notification
 * </pre>
 *
 * <p>Theory of operation. A zero-copy send has two completions: the first says how it went, as
 * always; the second, the notification, that the kernel (or the NIC) reads the message no more. In
 * between its frames are held. Their payload is guest memory, which the engine does not give back
 * before. Their headers are in memory that the engine and the next hop use again at once, so they
 * are copied here. Headers and notifications cost more than copying a few kilobytes; so only
 * messages from a threshold on are sent so. A message without a copy can have few pieces of memory
 * only, so it ends where another frame would be too much. Where the other end is on this host the
 * kernel copies after all, and says so in the notification.
 */
final class ZeroCopy {
  /** No slot: an ordinary message. */
  static final int NONE = -1;

  private static final int SLOTS = 32;
  private static final int FRAMES = 64;
  private static final int LONGEST_FIRST = 256;

  /** In one page. */
  private static final int STRIDE = 512;

  /** Of how many pieces of pages a message may consist, as the kernel has it; less one. */
  private static final int MOST_PIECES = 16;

  private static final int PAGE = 4096;
  private static final int COPIED = 1 << 31;

  private final int threshold;
  private final MemorySegment headers =
      Arena.ofAuto().allocate((long) SLOTS * FRAMES * STRIDE, PAGE);

  private final int[] free = new int[SLOTS];
  private int freeCount = SLOTS;

  private final boolean[] underWay = new boolean[SLOTS];
  private final int[] tokenCount = new int[SLOTS];
  private final long[] tokens = new long[SLOTS * FRAMES];

  /** Tokens that can go back. */
  private final long[] returned = new long[SLOTS * FRAMES];

  private int returnedCount;
  private long notified;
  private long copied;

  /** Messages of at least so many bytes are sent without a copy. */
  ZeroCopy(int threshold) {
    this.threshold = threshold;
    for (int slot = 0; slot < SLOTS; slot++) {
      free[slot] = slot;
    }
  }

  /** Of how many pieces of pages a frame consists. */
  static int pieces(FrameBurst burst, int i) {
    int pieces = 1;
    for (int f = burst.firstFragment(i) + 1; f < burst.firstFragment(i + 1); f++) {
      long inPage = burst.address(f) & (PAGE - 1);
      pieces += (int) ((inPage + burst.fragmentLength(f) + PAGE - 1) / PAGE);
    }
    return pieces;
  }

  /** Whether a message is as long as it can be, but long enough. */
  boolean isFull(int bytes, int pieces) {
    return bytes >= threshold && pieces > MOST_PIECES;
  }

  /**
   * Takes the message that was finished last, if it is worth it and may be held.
   *
   * @param from its first frame
   * @param end the frame behind its last one
   * @param pieces those of all its frames
   * @return its slot, or {@link #NONE}
   */
  int take(OutgoingMessages messages, FrameBurst burst, int from, int end, int bytes, int pieces) {
    if (bytes < threshold
        || pieces > MOST_PIECES
        || freeCount == 0
        || !canBeHeld(burst, from, end)) {
      return NONE;
    }
    int slot = free[--freeCount];
    underWay[slot] = true;
    tokenCount[slot] = 0;
    int iovec = messages.lastFirstIovec();
    for (int i = from; i < end; i++) {
      int first = burst.firstFragment(i);
      long at = ((long) slot * FRAMES + (i - from)) * STRIDE;
      MemorySegment.copy(
          burst.segment(first),
          burst.offset(first),
          headers,
          at + Vxlan.HEADER,
          burst.fragmentLength(first));
      Vxlan.write(headers, at, burst.network(i));
      messages.move(iovec, headers.address() + at, Vxlan.HEADER + burst.fragmentLength(first));
      messages.move(iovec + 1, headers.address(), 0);
      iovec += 1 + burst.firstFragment(i + 1) - first;
    }
    return slot;
  }

  private static boolean canBeHeld(FrameBurst burst, int from, int end) {
    for (int i = from; i < end; i++) {
      int first = burst.firstFragment(i);
      if (burst.token(i) == FrameBurst.NO_TOKEN || burst.fragmentLength(first) > LONGEST_FIRST) {
        return false;
      }
    }
    return true;
  }

  /** The first completion says that no second one follows. */
  void hasNoNotification(int slot) {
    release(slot);
  }

  /**
   * A notification: the kernel is done with a message.
   *
   * @param result of its completion
   */
  void notified(int slot, int result) {
    notified++;
    copied += (result & COPIED) == 0 ? 0 : 1;
    release(slot);
  }

  private void release(int slot) {
    if (!underWay[slot]) {
      return;
    }
    System.arraycopy(tokens, slot * FRAMES, returned, returnedCount, tokenCount[slot]);
    returnedCount += tokenCount[slot];
    underWay[slot] = false;
    free[freeCount++] = slot;
  }

  /** A message was sent: holds its frames, unless the kernel is done with them already. */
  void sent(int slot, FrameBurst burst, int from, int end) {
    if (!underWay[slot]) {
      return;
    }
    for (int i = from; i < end; i++) {
      burst.hold(i);
      tokens[slot * FRAMES + i - from] = burst.token(i);
    }
    tokenCount[slot] = end - from;
  }

  /** As {@link dev.outboard.spi.FramePort#reclaim}. */
  int reclaim(long[] into, int limit) {
    int count = Math.min(limit, returnedCount);
    returnedCount -= count;
    System.arraycopy(returned, returnedCount, into, 0, count);
    return count;
  }

  /** How many messages are under way. */
  int underWay() {
    return SLOTS - freeCount;
  }

  /** How many notifications there were. */
  long notifications() {
    return notified;
  }

  /** In how many of them the kernel said that it had to copy. */
  long copied() {
    return copied;
  }
}
