package dev.outboard.engine.virtqueue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Finds out from a packed ring how far a device has come in it that was killed. Whoever opens a
 * ring, before anybody uses it.
 *
 * <p>Theory of operation. Nothing in a packed ring says where its device stands, and a VMM whose
 * back-end has died knows only where that began: QEMU sends this old position again. But a driver
 * never changes bit 15 of the flags: it writes the opposite of its wrap counter there, which is
 * what the device of the lap before has left. So that bit is the device's own trace, if it marks
 * every descriptor that it is done with, as {@link PackedRing#publish} does: it is the device's
 * wrap counter in each descriptor before its position and the opposite from there on.
 *
 * <p>A process may be killed while it publishes. Then the first descriptor of the burst, which is
 * written last, lies unmarked in front of marked ones. The driver has seen none of them, so they
 * are given back with no length: a transmit queue's frames were with their receivers before, and
 * frames in a receive queue are sent once more by their senders' queues. A chain whose rest is
 * marked and whose first descriptor is not was not shown either, and is there to be taken.
 *
 * <p>All this lies within half a ring behind the position, as bursts do but in the smallest rings;
 * so the position is behind half a ring or more of marks. Where there are no such, another device
 * was here, and the VMM's word counts.
 */
final class PackedTrace {
  private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

  private final MemorySegment descriptors;
  private final int size;

  PackedTrace(MemorySegment descriptors, int size) {
    this.descriptors = descriptors;
    this.size = size;
  }

  /**
   * Where to go on: 0 to twice the size, with the wrap counter 1 in the lower half.
   *
   * @param told the same, as the VMM says it
   */
  int resume(int told) {
    int run = 0;
    for (int position = 0; position < 3 * size; position++) {
      if (isMarked(position)) {
        run++;
      } else if (run >= size - size / 2) {
        return finish(position % (2 * size));
      } else {
        run = 0;
      }
    }
    return told;
  }

  /** Whether the descriptor at a position bears the mark of a device that was there in that lap. */
  private boolean isMarked(int position) {
    boolean bit = descriptors.get(ValueLayout.JAVA_SHORT, at(position) + 14) < 0;
    return bit == wraps(position);
  }

  private boolean wraps(int position) {
    return position % (2 * size) < size;
  }

  /** Where the descriptor at a position begins. */
  private long at(int position) {
    return 16L * (position % size);
  }

  /**
   * Gives back what was to be shown: the chain at {@code first}, which is unmarked, if there are
   * marked descriptors right behind, and all these.
   *
   * @return the position behind them
   */
  private int finish(int first) {
    int marked = 0;
    while (marked < size / 2 && isMarked(first + 1 + marked)) {
      marked++;
      descriptors.set(ValueLayout.JAVA_INT, at(first + marked) + 8, 0);
    }
    if (marked == 0) {
      return first;
    }
    int count = 1;
    while (count < size
        && (descriptors.get(ValueLayout.JAVA_SHORT, at(first + count - 1) + 14) & PackedRing.NEXT)
            != 0) {
      count++;
    }
    long id = GuestWords.get(descriptors, at(first + count - 1) + 12);
    long used = wraps(first) ? PackedRing.AVAILABLE | PackedRing.USED : 0;
    LONG.setRelease(descriptors, at(first) + 8, used << 48 | id << 32);
    return (first + Math.max(count, 1 + marked)) % (2 * size);
  }
}
