package dev.outboard.guest;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The buffers of one queue and the descriptors that point to them, tied together once and for all:
 * slot i always has the same buffer and the same head descriptor, so that for most frames no
 * descriptor is written at all. Used by {@link TxQueue} and {@link RxQueue}, on the guest's thread.
 */
final class Slots {
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int LINE = 64;

  private final DriverRing ring;
  private final MemorySegment memory;
  private final long guestAddress;
  private final ChainShape shape;
  private final int count;
  private final int capacity;
  private final long stride;
  private final long tables;
  private final int perSlot;
  private final int perChain;
  private final int direction;
  private final int[] lengths;
  private final int[] slotOfHead;

  /**
   * Writes all descriptors, each slot at its full capacity.
   *
   * @param capacity bytes of one buffer, header included
   * @param most slots at most; a power of two keeps heads in place
   * @param writable whether the device writes the buffers
   */
  Slots(
      DriverRing ring,
      GuestMemory.Area area,
      ChainShape shape,
      int capacity,
      int most,
      boolean writable) {
    this.ring = ring;
    this.memory = area.segment();
    this.guestAddress = area.guestAddress();
    this.shape = shape;
    this.capacity = capacity;
    this.stride = stride(capacity);
    perChain = shape.descriptors(capacity);
    perSlot = shape.kind() == ChainShape.Kind.CHAINED ? perChain : 1;
    if (perChain > ring.size()) {
      throw new IllegalArgumentException("a chain of " + perChain + " is longer than the ring");
    }
    count = count(ring.size(), shape, capacity, most);
    tables = stride * count;
    direction = writable ? DriverRing.WRITE : 0;
    lengths = new int[count];
    slotOfHead = new int[ring.size()];
    Arrays.fill(slotOfHead, -1);
    for (int slot = 0; slot < count; slot++) {
      slotOfHead[slot * perSlot] = slot;
      describe(slot, capacity);
    }
  }

  /** Guest memory that the buffers (and tables) of a queue take. */
  static long bytes(int ringSize, ChainShape shape, int capacity, int most) {
    long table =
        shape.kind() == ChainShape.Kind.INDIRECT
            ? (long) DriverRing.DESCRIPTOR_SIZE * shape.descriptors(capacity)
            : 0;
    return (stride(capacity) + table) * count(ringSize, shape, capacity, most);
  }

  private static int count(int ringSize, ChainShape shape, int capacity, int most) {
    boolean chained = shape.kind() == ChainShape.Kind.CHAINED;
    return Math.min(most, chained ? ringSize / shape.descriptors(capacity) : ringSize);
  }

  /** An odd number of cache lines: with a power of two all headers would share a few cache sets. */
  private static long stride(int capacity) {
    long lines = (capacity + LINE - 1L) / LINE;
    return (lines | 1) * LINE;
  }

  int count() {
    return count;
  }

  int capacity() {
    return capacity;
  }

  MemorySegment memory() {
    return memory;
  }

  /** Where a slot's buffer (its virtio-net header) begins in {@link #memory}. */
  long offset(int slot) {
    return slot * stride;
  }

  int head(int slot) {
    return slot * perSlot;
  }

  /** The slot whose head the device named; refuses what is not a head. */
  int slot(int head) {
    if (head < 0 || head >= slotOfHead.length || slotOfHead[head] < 0) {
      throw new BrokenDeviceException("used id " + head + " is not the head of a chain");
    }
    return slotOfHead[head];
  }

  /** Makes the chain describe this many bytes, header included; writes only what changes. */
  void length(int slot, int bytes) {
    if (lengths[slot] != bytes) {
      describe(slot, bytes);
    }
  }

  private void describe(int slot, int bytes) {
    lengths[slot] = bytes;
    int head = head(slot);
    long buffer = guestAddress + offset(slot);
    if (shape.kind() == ChainShape.Kind.SINGLE) {
      ring.descriptor(head, buffer, bytes, direction, 0);
      return;
    }
    boolean indirect = shape.kind() == ChainShape.Kind.INDIRECT;
    int used = shape.descriptors(bytes);
    long table = tables + (long) slot * perChain * DriverRing.DESCRIPTOR_SIZE;
    int done = 0;
    for (int i = 0; i < used; i++) {
      int length = i == 0 ? VirtioNet.HEADER_SIZE : Math.min(shape.fragment(), bytes - done);
      boolean last = i + 1 == used;
      if (indirect) {
        long at = table + (long) i * DriverRing.DESCRIPTOR_SIZE;
        memory.set(LONG, at, buffer + done);
        memory.set(INT, at + 8, length);
        memory.set(INT, at + 12, inTable(last ? 0 : i + 1));
      } else {
        int flags = direction | (last ? 0 : DriverRing.NEXT);
        ring.descriptor(head + i, buffer + done, length, flags, last ? 0 : head + i + 1);
      }
      done += length;
    }
    if (indirect) {
      int size = used * DriverRing.DESCRIPTOR_SIZE;
      ring.descriptor(head, guestAddress + table, size, DriverRing.INDIRECT, 0);
    }
  }

  /** The last word of a table's entry: flags and next, or an id without meaning and flags. */
  private int inTable(int next) {
    return ring instanceof SplitDriverRing
        ? direction | (next == 0 ? 0 : DriverRing.NEXT) | next << 16
        : direction << 16;
  }
}
