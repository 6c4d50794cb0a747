package dev.outboard.engine.virtqueue;

import dev.outboard.packet.Segmenter;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.RegionTable;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A worker's private copies of the first bytes of each frame of a burst. Checks and decisions are
 * made on the copy, and the copy is what leaves as the frame's first fragment; what a guest writes
 * afterwards changes nothing.
 *
 * <pre>
 *   slot of 256 bytes   |  ..  virtio-net header | Ethernet header ..  up to 192 bytes of the frame
 *                       0                        64 (a cache line starts here)
 * </pre>
 */
public final class PrivateHeaders implements AutoCloseable {
  /** How much of a frame is taken private: one read covers all headers that are looked at. */
  public static final int PRIVATE_BYTES = 128;

  /** How much of it is taken where headers may go on. */
  private static final int LONGEST_HEADERS = Segmenter.LONGEST_HEADERS;

  /** From one slot to the next. */
  static final long SLOT = 256;

  private static final int FRAME_START = 64;

  private final RegionTable table;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory;
  private final int region;

  /** Slots for so many frames. */
  public PrivateHeaders(RegionTable table, int slots) {
    this.table = table;
    memory = arena.allocate(slots * SLOT, SLOT);
    region = table.add(memory);
  }

  /** The memory that holds the slots. */
  public MemorySegment memory() {
    return memory;
  }

  /** Its number in the region table. */
  public int region() {
    return region;
  }

  /** Where the frame of slot {@code i} starts; its virtio-net header ends there. */
  public static long frameStart(int i) {
    return i * SLOT + FRAME_START;
  }

  /**
   * Takes more of a frame private, for those who look at all headers: what comes next, from the
   * first byte that was not read yet. A frame whose headers do not lie here has come from outside,
   * and all of it is private already.
   */
  public void extend(FrameBurst burst, int i) {
    int first = burst.firstFragment(i);
    if (burst.region(first) != region) {
      return;
    }
    int end = burst.firstFragment(i + 1);
    long at = burst.offset(first);
    int taken = burst.fragmentLength(first);
    for (int f = first + 1; f < end && taken < LONGEST_HEADERS; f++) {
      int bytes = Math.min(burst.fragmentLength(f), LONGEST_HEADERS - taken);
      MemorySegment.copy(burst.segment(f), burst.offset(f), memory, at + taken, bytes);
      burst.setFragment(f, burst.offset(f) + bytes, burst.fragmentLength(f) - bytes);
      taken += bytes;
    }
    burst.setFragment(first, at, taken);
  }

  /** Gives the memory back; its worker has ended. */
  @Override
  public void close() {
    table.remove(region);
    arena.close();
  }
}
