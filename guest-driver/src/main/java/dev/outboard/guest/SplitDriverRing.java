package dev.outboard.guest;

import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A virtqueue in the split layout as its driver sees it: descriptor table, available ring, used
 * ring.
 *
 * <pre>
 *   descriptors  16 bytes each: address u64, length u32, flags u16, next u16
 *   available    flags u16, idx u16, heads u16[size], used_event u16
 *   used         flags u16, idx u16, {id u32, length u32}[size], avail_event u16
 * </pre>
 */
final class SplitDriverRing extends DriverRing {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle SHARED = SHORT.varHandle();

  private static final int IDX = 2;
  private static final int ENTRIES = 4;
  private static final int NO_INTERRUPT = 1;
  private static final int NO_NOTIFY = 1;

  private final int mask;
  private final long available;
  private final long used;
  private final long usedEvent;
  private final long availableEvent;

  /** Free-running, 16 bits: the next place in the available ring, and what the device has seen. */
  private int availableNext;

  private int published;

  /** Free-running, 16 bits: the next used entry to look at, and the end as last read. */
  private int usedNext;

  private int usedEnd;

  /** Lays out an empty ring in guest memory of {@link #bytes} bytes. */
  SplitDriverRing(GuestMemory.Area area, int size, boolean eventIndex) {
    super(area, size, eventIndex);
    if (Integer.bitCount(size) != 1) {
      throw new IllegalArgumentException("ring size " + size + " is not a power of two to 32768");
    }
    this.mask = size - 1;
    available = align((long) DESCRIPTOR_SIZE * size);
    usedEvent = available + ENTRIES + 2L * size;
    used = align(usedEvent + 2);
    availableEvent = used + ENTRIES + 8L * size;
    memory.fill((byte) 0);
    quiet();
  }

  /** Guest memory that a ring of this size takes. */
  static long ringBytes(int size) {
    long available = align((long) DESCRIPTOR_SIZE * size);
    return align(align(available + ENTRIES + 2L * size + 2) + ENTRIES + 8L * size + 2);
  }

  @Override
  long availableOffset() {
    return available;
  }

  @Override
  long usedOffset() {
    return used;
  }

  @Override
  int firstBase() {
    return 0;
  }

  /** The device's own count of used entries stands in the ring. */
  @Override
  int baseAfterLoss(int told) {
    return usedIndex();
  }

  int usedIndex() {
    return (short) SHARED.getAcquire(memory, used + IDX) & 0xffff;
  }

  @Override
  void descriptor(int index, long address, int length, int flags, int next) {
    long at = (long) index * DESCRIPTOR_SIZE;
    memory.set(LONG, at, address);
    memory.set(INT, at + 8, length);
    memory.set(SHORT, at + 12, (short) flags);
    memory.set(SHORT, at + 14, (short) next);
  }

  @Override
  void descriptorLength(int index, int length) {
    memory.set(INT, (long) index * DESCRIPTOR_SIZE + 8, length);
  }

  /**
   * While the device completes in order each place keeps its head, the store is left out, and the
   * line stays in both caches.
   */
  @Override
  void offer(int head) {
    long at = available + ENTRIES + 2L * (availableNext & mask);
    if (memory.get(SHORT, at) != (short) head) {
      memory.set(SHORT, at, (short) head);
    }
    availableNext = (availableNext + 1) & 0xffff;
  }

  @Override
  int position() {
    return availableNext;
  }

  @Override
  boolean isPublished(int position) {
    return ((published - position - 1) & 0xffff) < 0x8000;
  }

  @Override
  boolean publish() {
    int old = published;
    published = availableNext;
    SHARED.setRelease(memory, available + IDX, (short) published);
    // The device arms and then reads idx again; without a full fence both may read old values.
    VarHandle.fullFence();
    if (eventIndex) {
      int event = (short) SHARED.getOpaque(memory, availableEvent);
      return ((published - event - 1) & 0xffff) < ((published - old) & 0xffff);
    }
    return ((short) SHARED.getOpaque(memory, used) & NO_NOTIFY) == 0;
  }

  @Override
  int usedCount() {
    int known = (usedEnd - usedNext) & 0xffff;
    return known != 0 ? known : refreshUsed();
  }

  @Override
  int refreshUsed() {
    usedEnd = (short) SHARED.getAcquire(memory, used + IDX) & 0xffff;
    int count = (usedEnd - usedNext) & 0xffff;
    if (count > ((published - usedNext) & 0xffff)) {
      throw new BrokenDeviceException(
          "used.idx " + usedEnd + " is ahead of avail.idx " + published);
    }
    return count;
  }

  @Override
  int usedId(int ahead) {
    return memory.get(INT, used + ENTRIES + 8L * ((usedNext + ahead) & mask));
  }

  @Override
  int usedLength(int ahead) {
    return memory.get(INT, used + ENTRIES + 8L * ((usedNext + ahead) & mask) + 4);
  }

  @Override
  void consumed(int count) {
    usedNext = (usedNext + count) & 0xffff;
  }

  @Override
  int outstanding() {
    return (published - usedNext) & 0xffff;
  }

  @Override
  boolean arm() {
    if (eventIndex) {
      SHARED.setOpaque(memory, usedEvent, (short) usedNext);
    } else {
      SHARED.setOpaque(memory, available, (short) 0);
    }
    // The device publishes and then reads what was stored above: the same pattern, other side.
    VarHandle.fullFence();
    if (refreshUsed() == 0) {
      return true;
    }
    quiet();
    return false;
  }

  @Override
  void quiet() {
    if (eventIndex) {
      SHARED.setOpaque(memory, usedEvent, (short) (usedNext - 1));
    } else {
      SHARED.setOpaque(memory, available, (short) NO_INTERRUPT);
    }
  }
}
