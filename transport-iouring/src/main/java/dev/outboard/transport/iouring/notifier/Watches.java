package dev.outboard.transport.iouring.notifier;

import java.util.Arrays;

/**
 * The descriptors that one notifier watches, each in a slot. A slot is used again; its generation
 * tells completions of the watch that is in it from late ones of those before. The worker's thread.
 */
final class Watches {
  private static final int NONE = -1;

  private int[] fds = new int[64];
  private int[] tokens = new int[64];
  private int[] generations = new int[64];
  private boolean[] failing = new boolean[64];

  /** Slots below it that are free, as a list through {@link #tokens}. */
  private int free = NONE;

  private int end;

  /** By descriptor: its slot plus 1. */
  private int[] slots = new int[64];

  /** The slot of a descriptor, or -1 if it is not watched. */
  int slot(int fd) {
    return fd >= 0 && fd < slots.length ? slots[fd] - 1 : NONE;
  }

  /** Puts a descriptor that is not watched into a slot. */
  int add(int fd, int token) {
    if (fd >= slots.length) {
      slots = Arrays.copyOf(slots, Math.max(fd + 1, slots.length * 2));
    }
    int slot = free;
    if (slot == NONE) {
      slot = end++;
      grow();
    } else {
      free = tokens[slot];
    }
    fds[slot] = fd;
    tokens[slot] = token;
    failing[slot] = false;
    slots[fd] = slot + 1;
    return slot;
  }

  private void grow() {
    if (end > fds.length) {
      int size = fds.length * 2;
      fds = Arrays.copyOf(fds, size);
      tokens = Arrays.copyOf(tokens, size);
      generations = Arrays.copyOf(generations, size);
      failing = Arrays.copyOf(failing, size);
    }
  }

  /** Frees a slot; what still comes for it is late. */
  void remove(int slot) {
    slots[fds[slot]] = 0;
    fds[slot] = NONE;
    generations[slot]++;
    tokens[slot] = free;
    free = slot;
  }

  /** Whether the slot holds the watch of this generation. */
  boolean isCurrent(int slot, int generation) {
    return slot < end && fds[slot] != NONE && generations[slot] == generation;
  }

  int generation(int slot) {
    return generations[slot];
  }

  int fd(int slot) {
    return fds[slot];
  }

  int token(int slot) {
    return tokens[slot];
  }

  /** Notes whether its last completion was an error; returns whether the one before was, too. */
  boolean failed(int slot, boolean now) {
    boolean before = failing[slot];
    failing[slot] = now;
    return before && now;
  }
}
