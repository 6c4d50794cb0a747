package dev.outboard.transport.kerneltcp.pool;

import java.util.Arrays;

/**
 * The levels of demand above the present one that were reached before, and when each was left: one
 * more request ends the gap of the lowest. Each has a kind. A stack, for demand goes up and down by
 * single steps; it has the gaps of connections that were closed meanwhile, too. Private to the
 * sizing.
 */
final class GapStack {
  private final short[] kinds;
  private int size;

  /** For each kind when its gaps began, oldest first: they are popped in the opposite order. */
  private final long[][] begun;

  private final int[] sizes;

  GapStack(int kindCount, int depth) {
    kinds = new short[depth];
    begun = new long[kindCount][8];
    sizes = new int[kindCount];
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** A level was left. */
  void push(int kind, long now) {
    kinds[size++] = (short) kind;
    if (sizes[kind] == begun[kind].length) {
      begun[kind] = Arrays.copyOf(begun[kind], 2 * sizes[kind]);
    }
    begun[kind][sizes[kind]++] = now;
  }

  /** The kind of the lowest level. */
  int kind() {
    return kinds[size - 1];
  }

  /** The lowest level is reached again; returns when it was left. */
  long pop() {
    int kind = kinds[--size];
    return begun[kind][--sizes[kind]];
  }

  /** The gaps of a kind that began after a time. */
  int after(int kind, long time) {
    return sizes[kind] - firstAfter(kind, time);
  }

  /** When the oldest gap of a kind began that began after a time, or {@code Long.MAX_VALUE}. */
  long oldestAfter(int kind, long time) {
    int first = firstAfter(kind, time);
    return first == sizes[kind] ? Long.MAX_VALUE : begun[kind][first];
  }

  private int firstAfter(int kind, long time) {
    int low = 0;
    int high = sizes[kind];
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (begun[kind][middle] > time) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }
}
