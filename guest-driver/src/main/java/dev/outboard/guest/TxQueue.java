package dev.outboard.guest;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The driver's transmit queue: stamps frames into free slots, offers them in bursts, takes them
 * back when the device has finished. One thread, the guest's; nothing is allocated by {@link
 * #send}.
 */
public final class TxQueue {
  private final DriverRing ring;
  private final Slots slots;
  private final int[] contents;
  private final boolean[] busy;

  /** Free slots in the order they came back; in order, it is a rotation and heads never change. */
  private final int[] free;

  private final int freeMask;
  private int freeHead;
  private int freeCount;

  /**
   * @param capacity the largest frame with its header
   * @param most buffers at most: few large ones stay in the cache
   */
  public TxQueue(
      DriverRing ring, GuestMemory.Area buffers, ChainShape shape, int capacity, int most) {
    this.ring = ring;
    slots = new Slots(ring, buffers, shape, capacity, most, false);
    contents = new int[slots.count()];
    busy = new boolean[slots.count()];
    free = new int[Integer.highestOneBit(Math.max(1, slots.count() * 2 - 1))];
    freeMask = free.length - 1;
    freeCount = slots.count();
    for (int i = 0; i < freeCount; i++) {
      free[i] = i;
    }
  }

  /** Guest memory for the buffers. */
  public static long bytes(int ringSize, ChainShape shape, int capacity, int most) {
    return Slots.bytes(ringSize, shape, capacity, most);
  }

  public DriverRing ring() {
    return ring;
  }

  /** Frames that fit in the queue. */
  public int slots() {
    return slots.count();
  }

  /** Frames there is room for now, as far as the driver has looked. */
  public int room() {
    return freeCount;
  }

  /**
   * Hot: offers up to {@code count} frames with numbers from {@code sequence} on and returns how
   * many; the caller then calls {@link #publish}.
   */
  int send(FrameTemplate template, long sequence, int count) {
    if (freeCount < count) {
      reclaim();
    }
    int sent = Math.min(count, freeCount);
    int id = template.id();
    MemorySegment memory = slots.memory();
    for (int i = 0; i < sent; i++) {
      int slot = take();
      if (contents[slot] != id) {
        load(slot, template);
      }
      template.stamp(memory, slots.offset(slot), sequence + i);
      ring.offer(slots.head(slot));
    }
    return sent;
  }

  private int take() {
    int slot = free[freeHead++ & freeMask];
    freeCount--;
    busy[slot] = true;
    return slot;
  }

  private void load(int slot, FrameTemplate template) {
    int bytes = VirtioNet.HEADER_SIZE + template.length();
    if (bytes > slots.capacity()) {
      throw new IllegalArgumentException(
          "a frame of " + template.length() + " bytes is longer than a transmit buffer");
    }
    template.copyTo(slots.memory(), slots.offset(slot));
    slots.length(slot, bytes);
    contents[slot] = template.id();
  }

  /** Offers any bytes, the virtio-net header first. Cold. False if there is no room. */
  boolean send(byte[] headerAndFrame) {
    if (headerAndFrame.length > slots.capacity()) {
      throw new IllegalArgumentException(headerAndFrame.length + " bytes don't fit in a buffer");
    }
    if (freeCount == 0) {
      reclaim();
      if (freeCount == 0) {
        return false;
      }
    }
    int slot = take();
    MemorySegment.copy(
        headerAndFrame,
        0,
        slots.memory(),
        ValueLayout.JAVA_BYTE,
        slots.offset(slot),
        headerAndFrame.length);
    slots.length(slot, headerAndFrame.length);
    contents[slot] = 0;
    ring.offer(slots.head(slot));
    return true;
  }

  /** Buffers that the device has not given back. Once no frame is under way: lost ones. Cold. */
  int missing() {
    reclaim();
    int missing = 0;
    for (boolean each : busy) {
      missing += each ? 1 : 0;
    }
    return missing;
  }

  /** Hot: makes all that was offered visible. Returns whether to kick. */
  boolean publish() {
    return ring.publish();
  }

  /** Hot: takes back every slot that the device has finished. */
  void reclaim() {
    int count = ring.refreshUsed();
    for (int i = 0; i < count; i++) {
      int slot = slots.slot(ring.usedId(i));
      if (!busy[slot]) {
        throw new BrokenDeviceException("transmit buffer " + slot + " was completed twice");
      }
      busy[slot] = false;
      free[(freeHead + freeCount++) & freeMask] = slot;
    }
    ring.consumed(count);
  }
}
