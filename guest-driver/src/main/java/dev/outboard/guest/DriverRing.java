package dev.outboard.guest;

import java.lang.foreign.MemorySegment;

/**
 * One virtqueue as its driver sees it: chains of descriptors that it offers, those that come back
 * used, and when to kick or be called. It knows nothing of frames; {@link TxQueue} and {@link
 * RxQueue} do. Every word that the device writes is read once and checked. One thread, the guest's.
 */
public abstract sealed class DriverRing permits SplitDriverRing, PackedDriverRing {
  static final int DESCRIPTOR_SIZE = 16;
  static final int NEXT = 1;
  static final int WRITE = 2;
  static final int INDIRECT = 4;

  /** Each part has pages of its own, so that the two sides never share a line by accident. */
  private static final int PART_ALIGNMENT = 4096;

  final MemorySegment memory;
  final int size;
  final boolean eventIndex;
  private final GuestMemory.Area area;

  DriverRing(GuestMemory.Area area, int size, boolean eventIndex) {
    if (size <= 0 || size > 32768) {
      throw new IllegalArgumentException("ring size " + size);
    }
    this.area = area;
    this.memory = area.segment();
    this.size = size;
    this.eventIndex = eventIndex;
  }

  /** Lays out an empty ring in guest memory of {@link #bytes} bytes, as the features ask for. */
  public static DriverRing create(GuestMemory.Area area, int size, long features) {
    boolean eventIndex = (features & VirtioNet.EVENT_IDX) != 0;
    return (features & VirtioNet.RING_PACKED) != 0
        ? new PackedDriverRing(area, size, eventIndex)
        : new SplitDriverRing(area, size, eventIndex);
  }

  /** Guest memory that a ring of this size takes, in either layout. */
  public static long bytes(int size) {
    return Math.max(SplitDriverRing.ringBytes(size), PackedDriverRing.ringBytes(size));
  }

  static long align(long value) {
    return (value + PART_ALIGNMENT - 1) & -PART_ALIGNMENT;
  }

  public final int size() {
    return size;
  }

  /** Where the descriptors are, in the VMM's addresses. */
  public final long descriptorUserAddress() {
    return area.userAddress();
  }

  /** Where the driver's area is, in the VMM's addresses: the available ring, or its event. */
  public final long availableUserAddress() {
    return area.userAddress() + availableOffset();
  }

  /** Where the device's area is, in the VMM's addresses: the used ring, or its event. */
  public final long usedUserAddress() {
    return area.userAddress() + usedOffset();
  }

  /** The ring's memory, for tests that lie in it: offsets are relative to this. */
  public final GuestMemory.Area area() {
    return area;
  }

  abstract long availableOffset();

  abstract long usedOffset();

  /** Where the first device begins, as SET_VRING_BASE tells it. */
  abstract int firstBase();

  /**
   * What a VMM tells the device that comes after one that has died without a word.
   *
   * @param told what it told that one
   */
  abstract int baseAfterLoss(int told);

  /** Describes a buffer of a chain that is not with the device. */
  abstract void descriptor(int index, long address, int length, int flags, int next);

  abstract void descriptorLength(int index, int length);

  /** Hot: gives a chain to the device once {@link #publish} is called. */
  abstract void offer(int head);

  /** The place that the next {@link #offer} takes: chains offered so far, 16 bits. */
  abstract int position();

  /** Whether what was offered at this place is visible to the device already. */
  abstract boolean isPublished(int position);

  /** Hot: one release-store makes everything offered visible. Returns whether to kick. */
  abstract boolean publish();

  /** Hot: used entries that are known; looks at the shared ring only if it knows none. */
  abstract int usedCount();

  /** Hot: used entries there are at this moment. */
  abstract int refreshUsed();

  /** Hot: the id in the used entry {@code ahead} places on; never more than {@link #usedCount}. */
  abstract int usedId(int ahead);

  abstract int usedLength(int ahead);

  /** Hot: goes past used entries. */
  abstract void consumed(int count);

  /** Chains that the device has and has not finished, as far as the driver has looked. */
  abstract int outstanding();

  /** Asks to be called for the next used entry. False, and quiet again, if there is one already. */
  abstract boolean arm();

  /** Asks for no calls; some may come all the same. */
  abstract void quiet();
}
