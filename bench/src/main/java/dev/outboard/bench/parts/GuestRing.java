package dev.outboard.bench.parts;

import dev.outboard.engine.memory.GuestMemory;
import dev.outboard.engine.memory.GuestRegions;
import dev.outboard.engine.virtqueue.BadRingException;
import dev.outboard.engine.virtqueue.SplitRing;
import dev.outboard.engine.virtqueue.VirtioNet;
import dev.outboard.engine.virtqueue.Virtqueue;
import dev.outboard.guest.DriverRing;
import dev.outboard.guest.RawRing;
import dev.outboard.guest.vhost.MemoryRegion;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.spi.RegionTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * One ring in the memory of a guest that is not there: its driver only says again and again that
 * the same chains are available. One thread.
 */
final class GuestRing implements AutoCloseable {
  static final long FEATURES = VirtioNet.ALWAYS_OFFERED;

  private static final int NEXT = 1;
  private static final int WRITE = 2;

  private final dev.outboard.guest.GuestMemory driver;
  private final GuestMemory memory;
  private final RawRing raw;
  private final SplitRing ring;
  private int available;

  /**
   * A ring whose chains all look alike.
   *
   * @param pieces descriptors of a chain
   * @param bytes of a chain
   * @param writable whether they are for the device to write
   */
  GuestRing(RegionTable regions, int chains, int pieces, int bytes, boolean writable)
      throws IOException {
    int size = chains * pieces;
    int piece = (bytes + pieces - 1) / pieces;
    long stride = (piece + 63L) & -64;
    long ringBytes = DriverRing.bytes(size);
    driver =
        new dev.outboard.guest.GuestMemory(
            "parts", dev.outboard.guest.GuestMemory.Options.DEFAULT, ringBytes + size * stride);
    raw = RawRing.of(DriverRing.create(driver.allocate(0, ringBytes), size, FEATURES));
    long buffers = driver.allocate(0, size * stride).guestAddress();
    for (int i = 0; i < size; i++) {
      boolean last = i % pieces == pieces - 1;
      int flags = (last ? 0 : NEXT) | (writable ? WRITE : 0);
      raw.descriptor(i, buffers + i * stride, piece, flags, last ? 0 : i + 1);
    }
    for (int i = 0; i < size; i++) {
      raw.head(i, i % chains * pieces);
    }
    memory = GuestMemory.map(lines(), new GuestRegions(regions), false);
    try {
      Virtqueue.Layout layout =
          new Virtqueue.Layout(
              size,
              0,
              raw.descriptorUserAddress(),
              raw.availableUserAddress(),
              raw.usedUserAddress());
      ring = new SplitRing(layout, memory, FEATURES);
    } catch (BadRingException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private List<GuestMemory.Line> lines() throws IOException {
    List<GuestMemory.Line> lines = new ArrayList<>();
    for (MemoryRegion region : driver.regions()) {
      lines.add(
          new GuestMemory.Line(
              region.guestAddress(),
              region.size(),
              region.userAddress(),
              region.fileOffset(),
              FileDescriptors.duplicate(region.fd())));
    }
    return lines;
  }

  /** The device's side of it. */
  SplitRing ring() {
    return ring;
  }

  /** Has so many chains available again. */
  void refill(int chains) {
    available = (available + chains) & 0xffff;
    raw.availableIndex(available);
  }

  @Override
  public void close() {
    memory.close();
    driver.close();
  }
}
