package dev.outboard.guest;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * One split virtqueue as its driver sees it: descriptor table, available ring, used ring, and when
 * to kick or be called. It knows nothing of frames; {@link TxQueue} and {@link RxQueue} do. Every
 * word that the device writes is read once and checked. One thread, the guest's.
 *
 * <pre>
 *   descriptors  16 bytes each: address u64, length u32, flags u16, next u16
 *   available    flags u16, idx u16, heads u16[size], used_event u16
 *   used         flags u16, idx u16, {id u32, length u32}[size], avail_event u16
 * </pre>
 */
public final class DriverRing {
  static final int DESCRIPTOR_SIZE = 16;
  static final int NEXT = 1;
  static final int WRITE = 2;
  static final int INDIRECT = 4;

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

  /** Each part has pages of its own, so that the two sides never share a line by accident. */
  private static final int PART_ALIGNMENT = 4096;

  private final GuestMemory.Area area;
  private final MemorySegment memory;
  private final int size;
  private final int mask;
  private final boolean eventIndex;
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
  public DriverRing(GuestMemory.Area area, int size, boolean eventIndex) {
    if (size <= 0 || size > 32768 || Integer.bitCount(size) != 1) {
      throw new IllegalArgumentException("ring size " + size + " is not a power of two to 32768");
    }
    this.area = area;
    this.memory = area.segment();
    this.size = size;
    this.mask = size - 1;
    this.eventIndex = eventIndex;
    available = align((long) DESCRIPTOR_SIZE * size);
    usedEvent = available + ENTRIES + 2L * size;
    used = align(usedEvent + 2);
    availableEvent = used + ENTRIES + 8L * size;
    memory.fill((byte) 0);
    quiet();
  }

  /** Guest memory that a ring of this size takes. */
  public static long bytes(int size) {
    long available = align((long) DESCRIPTOR_SIZE * size);
    return align(align(available + ENTRIES + 2L * size + 2) + ENTRIES + 8L * size + 2);
  }

  private static long align(long value) {
    return (value + PART_ALIGNMENT - 1) & -PART_ALIGNMENT;
  }

  public int size() {
    return size;
  }

  /** Where the descriptor table is, in the VMM's addresses. */
  public long descriptorUserAddress() {
    return area.userAddress();
  }

  /** Where the available ring is, in the VMM's addresses. */
  public long availableUserAddress() {
    return area.userAddress() + available;
  }

  /** Where the used ring is, in the VMM's addresses. */
  public long usedUserAddress() {
    return area.userAddress() + used;
  }

  /** The rings themselves, for tests that lie in them: offsets are relative to this. */
  public GuestMemory.Area area() {
    return area;
  }

  long availableOffset() {
    return available;
  }

  long usedOffset() {
    return used;
  }

  /** The device's own count of used entries: where it resumes after a restart. */
  public int usedIndex() {
    return (short) SHARED.getAcquire(memory, used + IDX) & 0xffff;
  }

  void descriptor(int index, long address, int length, int flags, int next) {
    long at = (long) index * DESCRIPTOR_SIZE;
    memory.set(LONG, at, address);
    memory.set(INT, at + 8, length);
    memory.set(SHORT, at + 12, (short) flags);
    memory.set(SHORT, at + 14, (short) next);
  }

  void descriptorLength(int index, int length) {
    memory.set(INT, (long) index * DESCRIPTOR_SIZE + 8, length);
  }

  /**
   * Hot: gives a chain to the device once {@link #publish} is called. While the device completes in
   * order each place keeps its head, the store is left out, and the line stays in both caches.
   */
  void offer(int head) {
    long at = available + ENTRIES + 2L * (availableNext & mask);
    if (memory.get(SHORT, at) != (short) head) {
      memory.set(SHORT, at, (short) head);
    }
    availableNext = (availableNext + 1) & 0xffff;
  }

  /** The place that the next {@link #offer} takes. */
  int position() {
    return availableNext;
  }

  /** Whether what was offered at this place is visible to the device already. */
  boolean isPublished(int position) {
    return ((published - position - 1) & 0xffff) < 0x8000;
  }

  /** Hot: one release-store makes everything offered visible. Returns whether to kick. */
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

  /** Hot: used entries that are known; reads the shared index only if it knows none. */
  int usedCount() {
    int known = (usedEnd - usedNext) & 0xffff;
    return known != 0 ? known : refreshUsed();
  }

  /** Hot: used entries there are at this moment. */
  int refreshUsed() {
    usedEnd = (short) SHARED.getAcquire(memory, used + IDX) & 0xffff;
    int count = (usedEnd - usedNext) & 0xffff;
    if (count > ((published - usedNext) & 0xffff)) {
      throw new BrokenDeviceException(
          "used.idx " + usedEnd + " is ahead of avail.idx " + published);
    }
    return count;
  }

  /** Hot: the id in the used entry {@code ahead} places on; never more than {@link #usedCount}. */
  int usedId(int ahead) {
    return memory.get(INT, used + ENTRIES + 8L * ((usedNext + ahead) & mask));
  }

  int usedLength(int ahead) {
    return memory.get(INT, used + ENTRIES + 8L * ((usedNext + ahead) & mask) + 4);
  }

  /** Hot: goes past used entries. */
  void consumed(int count) {
    usedNext = (usedNext + count) & 0xffff;
  }

  /** Chains that the device has and has not finished, as far as the driver has looked. */
  int outstanding() {
    return (published - usedNext) & 0xffff;
  }

  /** Asks to be called for the next used entry. False, and quiet again, if there is one already. */
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

  /** Asks for no calls; some may come all the same. */
  void quiet() {
    if (eventIndex) {
      SHARED.setOpaque(memory, usedEvent, (short) (usedNext - 1));
    } else {
      SHARED.setOpaque(memory, available, (short) NO_INTERRUPT);
    }
  }
}
