package dev.outboard.engine.virtqueue;

import dev.outboard.engine.memory.GuestMemory;
import dev.outboard.engine.memory.GuestRegions;
import dev.outboard.guest.GuestMemory.Area;
import dev.outboard.guest.RawPackedRing;
import dev.outboard.linux.MemoryFile;
import dev.outboard.spi.RegionTable;
import java.io.IOException;
import java.util.List;

/** Guest memory with one packed ring in it, and a driver that writes what a test tells it. */
final class PackedMemory implements AutoCloseable {
  static final long GUEST = 0x10_0000;
  static final long USER = 0x7000_0000_0000L;
  static final long BUFFERS = 3 << 19;
  private static final long BYTES = 1 << 21;
  private static final long DRIVER_EVENT = 1 << 20;
  private static final long DEVICE_EVENT = DRIVER_EVENT + 4096;

  final GuestMemory memory;
  final RawPackedRing raw;
  private final int size;

  /** Where the driver writes next, and with which wrap counter. */
  private int slot;

  private boolean wrap = true;

  PackedMemory(int size) throws IOException {
    this.size = size;
    int file = MemoryFile.create("packed", BYTES);
    memory =
        GuestMemory.map(
            List.of(new GuestMemory.Line(GUEST, BYTES, USER, 0, file)),
            new GuestRegions(new RegionTable()),
            false);
    raw =
        new RawPackedRing(
            new Area(memory.segment(0), GUEST, USER), size, DRIVER_EVENT, DEVICE_EVENT);
  }

  PackedRing ring(int base, long features) throws BadRingException {
    return new PackedRing(layout(base), memory, features | VirtioNet.RING_PACKED);
  }

  PackedRing ring() throws BadRingException {
    return ring(PackedRing.BEGINNING, VirtioNet.EVENT_IDX | VirtioNet.INDIRECT_DESC);
  }

  Virtqueue.Layout layout(int base) {
    return new Virtqueue.Layout(
        size,
        base,
        raw.descriptorUserAddress(),
        raw.driverEventUserAddress(),
        raw.deviceEventUserAddress());
  }

  /** A chain of so many buffers of 8 bytes, each behind the other, made available. */
  void offer(int buffers, int id) {
    int first = slot;
    boolean firstWrap = wrap;
    int more = buffers > 1 ? RawPackedRing.NEXT : 0;
    for (int i = 0; i < buffers; i++) {
      boolean last = i == buffers - 1;
      int flags = i == 0 ? 0 : RawPackedRing.available(wrap) | (last ? 0 : RawPackedRing.NEXT);
      int anyId = last ? id : 0xdead;
      raw.descriptor(slot, GUEST + BUFFERS + 8L * slot, 8, anyId, flags | unavailable(i));
      step();
    }
    raw.flags(first, RawPackedRing.available(firstWrap) | more);
  }

  /** The flags of the first descriptor before it is made available: still those of a used one. */
  private int unavailable(int i) {
    return i == 0 ? RawPackedRing.used(!wrap) : 0;
  }

  private void step() {
    slot++;
    if (slot == size) {
      slot = 0;
      wrap = !wrap;
    }
  }

  /** Where the driver writes next. */
  int slot() {
    return slot;
  }

  boolean wrap() {
    return wrap;
  }

  @Override
  public void close() {
    memory.close();
  }
}
