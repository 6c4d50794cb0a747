package dev.outboard.engine.worker;

import java.util.Arrays;

/**
 * The guests of one worker by small number, for the tokens of their fds; a number is used again
 * when its guest has gone. The worker's thread.
 */
final class GuestSlots {
  private GuestShare[] shares = new GuestShare[64];
  private int[] free = new int[64];
  private int freeCount;
  private int end;

  /** Gives a share a slot. */
  void add(GuestShare share) {
    int slot = freeCount > 0 ? free[--freeCount] : end++;
    if (slot == shares.length) {
      shares = Arrays.copyOf(shares, slot * 2);
    }
    shares[slot] = share;
    share.slot = slot;
  }

  /** Takes its slot away. */
  void remove(GuestShare share) {
    shares[share.slot] = null;
    if (freeCount == free.length) {
      free = Arrays.copyOf(free, freeCount * 2);
    }
    free[freeCount++] = share.slot;
    share.slot = -1;
  }

  /** The share in a slot, or null. */
  GuestShare at(int slot) {
    return shares[slot];
  }

  /** All slots are below. */
  int end() {
    return end;
  }

  /** How many there are. */
  int count() {
    return end - freeCount;
  }
}
