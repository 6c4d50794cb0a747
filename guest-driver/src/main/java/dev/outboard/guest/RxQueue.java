package dev.outboard.guest;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The driver's receive queue: all buffers are with the device, except those of the burst being
 * looked at, which go back with one store of the index. One thread, the guest's; nothing is
 * allocated by {@link #receive(FrameCheck, int)}.
 */
public final class RxQueue {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Header and 64 KiB: the longest frame that may come. */
  private static final int LONGEST = VirtioNet.HEADER_SIZE + 18 + 65535;

  private final DriverRing ring;
  private final Slots slots;
  private final boolean mergeable;

  /** When each slot was last offered, in the ring's free-running count. */
  private final int[] offeredAt;

  private long empty;

  /** Where frames of several buffers are put together if all of their content is looked at. */
  private final MemorySegment joined = Arena.ofAuto().allocate(LONGEST);

  /**
   * @param capacity bytes of one buffer, header included
   * @param mergeable whether MRG_RXBUF is agreed
   */
  public RxQueue(
      DriverRing ring,
      GuestMemory.Area buffers,
      ChainShape shape,
      int capacity,
      boolean mergeable) {
    this.ring = ring;
    this.mergeable = mergeable;
    slots = new Slots(ring, buffers, shape, capacity, ring.size(), true);
    offeredAt = new int[slots.count()];
    for (int slot = 0; slot < slots.count(); slot++) {
      giveBack(slot);
    }
  }

  /** Guest memory for the buffers. */
  public static long bytes(int ringSize, ChainShape shape, int capacity) {
    return Slots.bytes(ringSize, shape, capacity, ringSize);
  }

  public DriverRing ring() {
    return ring;
  }

  /** Buffers of the queue. */
  public int slots() {
    return slots.count();
  }

  /** Frames of this length that fit in the queue. */
  public int capacity(int length) {
    int buffers = (VirtioNet.HEADER_SIZE + length + slots.capacity() - 1) / slots.capacity();
    return slots.count() / buffers;
  }

  /** Hot: whether buffers were given back that the device can't see yet. */
  boolean hasHidden() {
    return !ring.isPublished((ring.position() - 1) & 0xffff);
  }

  /** Buffers that came back empty so far. */
  long empty() {
    return empty;
  }

  /**
   * Hot: shows up to {@code limit} frames to the check, gives their buffers back to the queue and
   * returns how many there were; if {@link #hasHidden}, the caller then calls {@link #publish}.
   */
  int receive(FrameCheck check, int limit) {
    int known = ring.usedCount();
    int frames = 0;
    MemorySegment memory = slots.memory();
    while (frames < limit && known > 0) {
      int slot = take(0);
      if (ring.usedLength(0) == 0) {
        // Given back empty, as a device may that was killed and came back.
        giveBack(slot);
        ring.consumed(1);
        known--;
        empty++;
        continue;
      }
      int length = length(0);
      int buffers = buffers(slot);
      if (buffers == 1) {
        check.accept(memory, slots.offset(slot), length, length);
        giveBack(slot);
      } else {
        if (buffers > known) {
          known = ring.refreshUsed();
        }
        boolean whole = check.needsContent();
        int total = gather(slot, length, buffers, known, whole);
        if (whole) {
          check.accept(joined, 0, total, total);
        } else {
          check.accept(memory, slots.offset(slot), length, total);
        }
      }
      ring.consumed(buffers);
      known -= buffers;
      frames++;
    }
    return frames;
  }

  /** Takes one frame with its virtio-net header, or null if there is none. Cold, allocates. */
  byte[] receive() {
    int known = ring.refreshUsed();
    if (known == 0) {
      return null;
    }
    int slot = take(0);
    int buffers = buffers(slot);
    int length = gather(slot, length(0), buffers, known, true);
    ring.consumed(buffers);
    return joined.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
  }

  /**
   * Buffers that were not offered among the last as many offers as there are buffers, as each must
   * be with a device that completes in order: another one has come back twice in its place. Once no
   * frame is under way, and all have been round. Cold.
   */
  int missing() {
    int missing = 0;
    for (int at : offeredAt) {
      int age = (ring.position() - at) & 0xffff;
      missing += age == 0 || age > slots.count() ? 1 : 0;
    }
    return missing;
  }

  private int take(int ahead) {
    int slot = slots.slot(ring.usedId(ahead));
    if (!ring.isPublished(offeredAt[slot])) {
      throw new BrokenDeviceException("receive buffer " + slot + " was completed twice");
    }
    return slot;
  }

  private int length(int ahead) {
    int length = ring.usedLength(ahead);
    int least = ahead == 0 ? VirtioNet.HEADER_SIZE : 1;
    if (length < least || length > slots.capacity()) {
      throw new BrokenDeviceException(
          "used length " + length + " in a receive buffer of " + slots.capacity());
    }
    return length;
  }

  /** How many buffers the frame that begins in this slot takes, read from its header once. */
  private int buffers(int slot) {
    int buffers = slots.memory().get(SHORT, slots.offset(slot) + VirtioNet.HEADER_BUFFERS) & 0xffff;
    if (buffers != 1 && (!mergeable || buffers == 0)) {
      throw new BrokenDeviceException("num_buffers is " + buffers);
    }
    return buffers;
  }

  /** Goes through the buffers of one frame and returns its length. */
  private int gather(int firstSlot, int firstLength, int buffers, int known, boolean copy) {
    if (buffers > known) {
      throw new BrokenDeviceException(
          "a frame of " + buffers + " buffers was published with " + known);
    }
    int slot = firstSlot;
    int length = firstLength;
    int total = 0;
    for (int i = 0; i < buffers; i++) {
      if (i > 0) {
        slot = take(i);
        length = length(i);
      }
      if (total + length > LONGEST) {
        throw new BrokenDeviceException("a received frame is longer than 64 KiB");
      }
      if (copy) {
        MemorySegment.copy(slots.memory(), slots.offset(slot), joined, total, length);
      }
      total += length;
      giveBack(slot);
    }
    return total;
  }

  private void giveBack(int slot) {
    offeredAt[slot] = ring.position();
    ring.offer(slots.head(slot));
  }

  /** Hot: makes the buffers given back visible to the device. Returns whether to kick. */
  boolean publish() {
    return ring.publish();
  }
}
