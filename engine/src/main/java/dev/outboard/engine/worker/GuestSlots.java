package dev.outboard.engine.worker;

import java.util.Arrays;

/**
 * The guests of one worker by small number, for the tokens of their fds; a number is used again
 * when its guest has gone. The worker's thread.
 */
final class GuestSlots {
  private GuestDevice[] guests = new GuestDevice[64];
  private int[] free = new int[64];
  private int freeCount;
  private int end;

  /** Gives the guest a slot. */
  void add(GuestDevice guest) {
    int slot = freeCount > 0 ? free[--freeCount] : end++;
    if (slot == guests.length) {
      guests = Arrays.copyOf(guests, slot * 2);
    }
    guests[slot] = guest;
    guest.slot = slot;
  }

  /** Takes its slot away. */
  void remove(GuestDevice guest) {
    guests[guest.slot] = null;
    if (freeCount == free.length) {
      free = Arrays.copyOf(free, freeCount * 2);
    }
    free[freeCount++] = guest.slot;
    guest.slot = -1;
  }

  /** The guest in a slot, or null. */
  GuestDevice at(int slot) {
    return guests[slot];
  }

  /** All slots are below. */
  int end() {
    return end;
  }

  /** How many guests there are. */
  int count() {
    return end - freeCount;
  }
}
