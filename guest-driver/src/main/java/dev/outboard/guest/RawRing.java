package dev.outboard.guest;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Every word of a split ring, to be read and written just as a test likes: no rule is kept. Lay it
 * over a {@link DriverRing} to spoil what an honest driver has written, or over memory of its own
 * to be the whole driver. Any thread; stores of indexes and flags are release-stores.
 */
public final class RawRing {
  private static final VarHandle SHARED = ValueLayout.JAVA_SHORT.varHandle();

  private final GuestMemory.Area area;
  private final MemorySegment memory;
  private final int size;
  private final long available;
  private final long used;

  /** The ring that this driver works on. */
  public static RawRing of(DriverRing ring) {
    return new RawRing(ring.area(), ring.size(), ring.availableOffset(), ring.usedOffset());
  }

  /**
   * A ring anywhere in memory.
   *
   * @param area where the descriptors begin
   * @param available offset of the available ring in the area
   * @param used offset of the used ring in the area
   */
  public RawRing(GuestMemory.Area area, int size, long available, long used) {
    this.area = area;
    this.memory = area.segment();
    this.size = size;
    this.available = available;
    this.used = used;
  }

  public int size() {
    return size;
  }

  public long descriptorUserAddress() {
    return area.userAddress();
  }

  public long availableUserAddress() {
    return area.userAddress() + available;
  }

  public long usedUserAddress() {
    return area.userAddress() + used;
  }

  /** Writes a descriptor of the ring. */
  public void descriptor(int index, long address, int length, int flags, int next) {
    descriptor(memory, 16L * index, address, length, flags, next);
  }

  /** Writes a descriptor anywhere, for indirect tables. */
  public static void descriptor(
      MemorySegment memory, long offset, long address, int length, int flags, int next) {
    memory.set(ValueLayout.JAVA_LONG_UNALIGNED, offset, address);
    memory.set(ValueLayout.JAVA_INT_UNALIGNED, offset + 8, length);
    memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, offset + 12, (short) flags);
    memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, offset + 14, (short) next);
  }

  /** Writes the head at a place of the available ring; the place is taken modulo the size. */
  public void head(int place, int head) {
    memory.set(ValueLayout.JAVA_SHORT, available + 4 + 2L * (place & (size - 1)), (short) head);
  }

  public void availableFlags(int flags) {
    SHARED.setRelease(memory, available, (short) flags);
  }

  public void availableIndex(int index) {
    SHARED.setRelease(memory, available + 2, (short) index);
  }

  public int availableIndex() {
    return (short) SHARED.getAcquire(memory, available + 2) & 0xffff;
  }

  public void usedEvent(int index) {
    SHARED.setRelease(memory, available + 4 + 2L * size, (short) index);
  }

  /** Writes over what only the device may write. */
  public void usedIndex(int index) {
    SHARED.setRelease(memory, used + 2, (short) index);
  }

  public int usedIndex() {
    return (short) SHARED.getAcquire(memory, used + 2) & 0xffff;
  }

  public int usedFlags() {
    return (short) SHARED.getAcquire(memory, used) & 0xffff;
  }

  public int usedId(int place) {
    return memory.get(ValueLayout.JAVA_INT, used + 4 + 8L * (place & (size - 1)));
  }

  public int usedLength(int place) {
    return memory.get(ValueLayout.JAVA_INT, used + 8 + 8L * (place & (size - 1)));
  }

  public int availableEvent() {
    return (short) SHARED.getAcquire(memory, used + 4 + 8L * size) & 0xffff;
  }
}
