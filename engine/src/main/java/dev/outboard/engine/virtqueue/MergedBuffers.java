package dev.outboard.engine.virtqueue;

import dev.outboard.engine.memory.GuestMemory;
import dev.outboard.spi.FrameBurst;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The buffers of a receive queue that one frame is spread over, in the order of the ring: a buffer
 * is a chain, and its pieces lie wherever the guest has put them. Scratch memory of one worker.
 */
final class MergedBuffers {
  /** How many buffers there may be. */
  static final int MOST = 256;

  private final int[] heads = new int[MOST];
  private final int[] sizes = new int[MOST];
  private int count;

  private final int[] pieceRegion = new int[DescriptorChain.MAX_DESCRIPTORS];
  private final long[] pieceOffset = new long[DescriptorChain.MAX_DESCRIPTORS];
  private final int[] pieceLength = new int[DescriptorChain.MAX_DESCRIPTORS];
  private int pieces;

  /** Whose they are: to find out why an access has failed. */
  private Virtqueue ring;

  /** Where the next byte goes. */
  private int piece;

  private int pieceFilled;

  /** Forgets all; the next ones are of this ring. */
  void clear(Virtqueue of) {
    ring = of;
    count = 0;
    pieces = 0;
  }

  /** How many buffers there are. */
  int count() {
    return count;
  }

  /** Whether the pieces of a chain can be added. */
  boolean hasRoom(DescriptorChain chain) {
    return count < MOST && pieces + chain.count() <= pieceRegion.length;
  }

  /** Adds a buffer with its pieces. */
  void add(int head, DescriptorChain chain) {
    for (int b = 0; b < chain.count(); b++) {
      pieceRegion[pieces] = chain.region(b);
      pieceOffset[pieces] = chain.offset(b);
      pieceLength[pieces] = chain.length(b);
      pieces++;
    }
    addWhole(head, chain.total());
  }

  /** Adds a buffer whose pieces are of no interest. */
  void addWhole(int head, int size) {
    heads[count] = head;
    sizes[count++] = size;
  }

  /** Gives all of them back to the driver, empty. */
  void returnEmpty() {
    for (int h = 0; h < count; h++) {
      ring.complete(heads[h], 0);
    }
    ring.advance(count);
    clear(ring);
  }

  /**
   * Completes buffers that hold so many bytes together; each is full but for the last.
   *
   * @param first the first of them
   * @param buffers how many
   */
  void complete(int first, int buffers, int bytes) {
    int left = bytes;
    for (int h = first; h < first + buffers; h++) {
      int filled = Math.min(sizes[h], left);
      ring.complete(heads[h], filled);
      left -= filled;
    }
  }

  /** Copies header and frame, cut wherever the guest has cut its buffers. */
  void copy(FrameBurst burst, int i, int headerLength) {
    piece = 0;
    pieceFilled = 0;
    putNumber(burst.offload(i), 8);
    putNumber(burst.checksumOffset(i), 2);
    if (headerLength == 12) {
      putNumber(count, 2);
    }
    GuestMemory memory = ring.memory;
    int end = burst.firstFragment(i + 1);
    for (int f = burst.firstFragment(i); f < end; f++) {
      MemorySegment source = burst.segment(f);
      long from = burst.offset(f);
      int left = burst.fragmentLength(f);
      while (left > 0) {
        int bytes = Math.min(pieceRoom(), left);
        MemorySegment.copy(source, from, memory.segment(pieceRegion[piece]), pieceAt(), bytes);
        pieceFilled += bytes;
        from += bytes;
        left -= bytes;
      }
    }
  }

  private int pieceRoom() {
    int room = pieceLength[piece] - pieceFilled;
    if (room == 0) {
      piece++;
      pieceFilled = 0;
      room = pieceLength[piece];
    }
    return room;
  }

  private long pieceAt() {
    return pieceOffset[piece] + pieceFilled;
  }

  private void putNumber(long value, int bytes) {
    for (int b = 0; b < bytes; b++) {
      int _ = pieceRoom();
      ring.memory
          .segment(pieceRegion[piece])
          .set(ValueLayout.JAVA_BYTE, pieceAt(), (byte) (value >>> (8 * b)));
      pieceFilled++;
    }
  }

  /** Whether they, if they are of this ring, can be written at this moment; cold. */
  boolean isAccessible(Virtqueue of) {
    if (of != ring) {
      return true;
    }
    for (int p = 0; p < pieces; p++) {
      if (!ring.memory.isAccessible(pieceRegion[p], pieceOffset[p], pieceLength[p])) {
        return false;
      }
    }
    return true;
  }
}
