package dev.outboard.guest;

import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * A virtqueue in the packed layout as its driver sees it. A chain is kept aside as it was described
 * and written into the ring, at the next free place, whenever it is offered; its id is its head.
 *
 * <pre>
 *   descriptors  16 bytes each: address u64, length u32, id u16, flags u16
 *   driver event, device event   offset and wrap counter u16, flags u16
 * </pre>
 */
final class PackedDriverRing extends DriverRing {
  private static final VarHandle SHORT = ValueLayout.JAVA_SHORT.varHandle();
  private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
  private static final int AVAILABLE = 1 << 7;
  private static final int USED = 1 << 15;
  private static final int WRAP = 1 << 15;
  private static final int NEVER = 1 << 16;
  private static final int AT_POSITION = 2 << 16;

  private final long driverEvent;
  private final long deviceEvent;

  /** The chains as they were described, by index of their descriptors. */
  private final long[] addresses;

  private final int[] lengths;
  private final int[] flags;

  /** How many descriptors each chain took when it was offered last, by head; 0: it came back. */
  private final int[] taken;

  /** Used entries that were seen: ids and lengths, by the free-running count of used chains. */
  private final int[] usedIds;

  private final int[] usedLengths;
  private final int mask;

  /** Free-running counts of chains: offered, shown to the device, seen to be used, done with. */
  private int offered;

  private int published;
  private int seen;
  private int done;

  /**
   * Positions: from 0 to twice the size, the wrap counter is 1 in the first half. Where the next
   * descriptor goes, the first that is not shown, the next to come back.
   */
  private int end;

  private int hidden;
  private int used;

  /** The flags of the first descriptor that is not shown; they are written last. */
  private int hiddenFlags;

  PackedDriverRing(GuestMemory.Area area, int size, boolean eventIndex) {
    super(area, size, eventIndex);
    driverEvent = align((long) DESCRIPTOR_SIZE * size);
    deviceEvent = align(driverEvent + 4);
    addresses = new long[size];
    lengths = new int[size];
    flags = new int[size];
    taken = new int[size];
    int places = Integer.highestOneBit(Math.max(1, size * 2 - 1));
    usedIds = new int[places];
    usedLengths = new int[places];
    mask = places - 1;
    memory.fill((byte) 0);
    quiet();
  }

  /** Guest memory that a ring of this size takes. */
  static long ringBytes(int size) {
    return align(align((long) DESCRIPTOR_SIZE * size) + 4) + 4096;
  }

  @Override
  long availableOffset() {
    return driverEvent;
  }

  @Override
  long usedOffset() {
    return deviceEvent;
  }

  /** Both wrap counters are 1. */
  @Override
  int firstBase() {
    return WRAP << 16 | WRAP;
  }

  /** As QEMU does it, since nothing in the ring says where its device stands. */
  @Override
  int baseAfterLoss(int told) {
    return told;
  }

  private int slot(int position) {
    return position < size ? position : position - size;
  }

  private boolean wraps(int position) {
    return position < size;
  }

  private int behind(int position, int count) {
    return (position + count) % (2 * size);
  }

  private int offsetAndWrap(int position) {
    return wraps(position) ? position | WRAP : position - size;
  }

  @Override
  void descriptor(int index, long address, int length, int bits, int next) {
    addresses[index] = address;
    lengths[index] = length;
    flags[index] = bits;
  }

  @Override
  void descriptorLength(int index, int length) {
    lengths[index] = length;
  }

  @Override
  void offer(int head) {
    int index = head;
    while (true) {
      put(index, head, offered != published || index != head);
      if ((flags[index] & NEXT) == 0) {
        break;
      }
      index++;
    }
    taken[head] = index - head + 1;
    offered++;
  }

  /** Writes the next descriptor of the ring; its flags only if something before it is hidden. */
  private void put(int index, int id, boolean visible) {
    long at = (long) slot(end) * DESCRIPTOR_SIZE;
    memory.set(ValueLayout.JAVA_LONG, at, addresses[index]);
    memory.set(ValueLayout.JAVA_INT, at + 8, lengths[index]);
    memory.set(ValueLayout.JAVA_SHORT, at + 12, (short) id);
    int bits = flags[index] | (wraps(end) ? AVAILABLE : USED);
    if (visible) {
      memory.set(ValueLayout.JAVA_SHORT, at + 14, (short) bits);
    } else {
      hidden = end;
      hiddenFlags = bits;
    }
    end = behind(end, 1);
  }

  @Override
  int position() {
    return offered & 0xffff;
  }

  @Override
  boolean isPublished(int position) {
    return ((published - position - 1) & 0xffff) < 0x8000;
  }

  @Override
  boolean publish() {
    int from = hidden;
    if (published != offered) {
      SHORT.setRelease(memory, (long) slot(from) * DESCRIPTOR_SIZE + 14, (short) hiddenFlags);
      published = offered;
    } else {
      from = end;
    }
    // The device arms and then looks at the descriptor again: without a full fence both may miss.
    VarHandle.fullFence();
    int event = (int) INT.getOpaque(memory, deviceEvent);
    int when = event & 0xffff_0000;
    if (when != AT_POSITION) {
      return when != NEVER && from != end;
    }
    int wanted = (event & 0x7fff) + ((event & WRAP) != 0 ? 0 : size);
    return distance(from, wanted) < distance(from, end);
  }

  private int distance(int from, int to) {
    int distance = to - from;
    return distance < 0 ? distance + 2 * size : distance;
  }

  @Override
  int usedCount() {
    int known = seen - done;
    return known != 0 ? known : refreshUsed();
  }

  @Override
  int refreshUsed() {
    while (seen != published && isUsed(used)) {
      long at = (long) slot(used) * DESCRIPTOR_SIZE;
      int id = memory.get(ValueLayout.JAVA_SHORT, at + 12) & 0xffff;
      if (id >= size || taken[id] == 0) {
        throw new BrokenDeviceException(
            "used id " + id + " is not the head of a chain, or was completed twice");
      }
      usedIds[seen & mask] = id;
      usedLengths[seen & mask] = memory.get(ValueLayout.JAVA_INT, at + 8);
      used = behind(used, taken[id]);
      taken[id] = 0;
      seen++;
    }
    return seen - done;
  }

  private boolean isUsed(int position) {
    int bits = (short) SHORT.getAcquire(memory, (long) slot(position) * DESCRIPTOR_SIZE + 14);
    return (bits & (AVAILABLE | USED)) == (wraps(position) ? AVAILABLE | USED : 0);
  }

  @Override
  int usedId(int ahead) {
    return usedIds[(done + ahead) & mask];
  }

  @Override
  int usedLength(int ahead) {
    return usedLengths[(done + ahead) & mask];
  }

  @Override
  void consumed(int count) {
    done += count;
  }

  @Override
  int outstanding() {
    return published - done;
  }

  @Override
  boolean arm() {
    int event = eventIndex ? AT_POSITION | offsetAndWrap(used) : 0;
    INT.setOpaque(memory, driverEvent, event);
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
    INT.setOpaque(memory, driverEvent, NEVER);
  }
}
