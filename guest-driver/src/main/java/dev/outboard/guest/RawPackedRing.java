package dev.outboard.guest;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Every word of a packed ring, to be read and written just as a test likes: no rule is kept. Lay it
 * over a {@link DriverRing} to spoil what an honest driver has written, or over memory of its own
 * to be the whole driver. Any thread; flags are stored with release and read with acquire.
 */
public final class RawPackedRing {
  /** Flags of a descriptor; the last two are compared with the wrap counter. */
  public static final int NEXT = 1;

  public static final int WRITE = 2;
  public static final int INDIRECT = 4;
  public static final int AVAILABLE = 1 << 7;
  public static final int USED = 1 << 15;

  /** Flags of an event. */
  public static final int ALWAYS = 0;

  public static final int NEVER = 1;
  public static final int AT_POSITION = 2;

  private static final VarHandle SHARED = ValueLayout.JAVA_SHORT.varHandle();

  private final GuestMemory.Area area;
  private final MemorySegment memory;
  private final int size;
  private final long driverEvent;
  private final long deviceEvent;

  /** The ring that this driver works on. */
  public static RawPackedRing of(DriverRing ring) {
    return new RawPackedRing(ring.area(), ring.size(), ring.availableOffset(), ring.usedOffset());
  }

  /**
   * A ring anywhere in memory.
   *
   * @param area where the descriptors begin
   * @param driverEvent offset of the driver's event in the area
   * @param deviceEvent offset of the device's event in the area
   */
  public RawPackedRing(GuestMemory.Area area, int size, long driverEvent, long deviceEvent) {
    this.area = area;
    this.memory = area.segment();
    this.size = size;
    this.driverEvent = driverEvent;
    this.deviceEvent = deviceEvent;
  }

  public int size() {
    return size;
  }

  public long descriptorUserAddress() {
    return area.userAddress();
  }

  public long driverEventUserAddress() {
    return area.userAddress() + driverEvent;
  }

  public long deviceEventUserAddress() {
    return area.userAddress() + deviceEvent;
  }

  /** The flags that make a descriptor available in a lap with this wrap counter. */
  public static int available(boolean wrap) {
    return wrap ? AVAILABLE : USED;
  }

  /** The flags that make it used. */
  public static int used(boolean wrap) {
    return wrap ? AVAILABLE | USED : 0;
  }

  /** Writes a descriptor, its flags last. */
  public void descriptor(int slot, long address, int length, int id, int flags) {
    descriptor(memory, 16L * slot, address, length, id, flags);
  }

  /** Writes a descriptor anywhere, for indirect tables. */
  public static void descriptor(
      MemorySegment memory, long offset, long address, int length, int id, int flags) {
    memory.set(ValueLayout.JAVA_LONG_UNALIGNED, offset, address);
    memory.set(ValueLayout.JAVA_INT_UNALIGNED, offset + 8, length);
    memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, offset + 12, (short) id);
    SHARED.setRelease(memory, offset + 14, (short) flags);
  }

  public void flags(int slot, int flags) {
    SHARED.setRelease(memory, 16L * slot + 14, (short) flags);
  }

  public int flags(int slot) {
    return (short) SHARED.getAcquire(memory, 16L * slot + 14) & 0xffff;
  }

  /** Whether it came back in a lap with this wrap counter. */
  public boolean isUsed(int slot, boolean wrap) {
    return (flags(slot) & (AVAILABLE | USED)) == used(wrap);
  }

  public long address(int slot) {
    return memory.get(ValueLayout.JAVA_LONG, 16L * slot);
  }

  public int length(int slot) {
    return memory.get(ValueLayout.JAVA_INT, 16L * slot + 8);
  }

  public int id(int slot) {
    return memory.get(ValueLayout.JAVA_SHORT, 16L * slot + 12) & 0xffff;
  }

  /** Says when the driver wants a call. */
  public void driverEvent(int position, int flags) {
    memory.set(ValueLayout.JAVA_SHORT, driverEvent, (short) position);
    SHARED.setRelease(memory, driverEvent + 2, (short) flags);
  }

  /** When the device wants a kick: its flags. */
  public int deviceEventFlags() {
    return (short) SHARED.getAcquire(memory, deviceEvent + 2) & 0xffff;
  }

  /** When the device wants a kick: position and wrap counter. */
  public int deviceEventPosition() {
    return memory.get(ValueLayout.JAVA_SHORT, deviceEvent) & 0xffff;
  }
}
