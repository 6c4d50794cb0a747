package dev.outboard.engine.virtqueue;

import dev.outboard.engine.memory.GuestMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Reads one descriptor chain into private arrays, checking all of it: the only place that
 * interprets descriptors. Scratch memory of one worker, good until the next {@link #read}.
 *
 * <pre>
 *   descriptor   0        8      12      14      16
 *                | address | len  | flags | next |       (virtio 1.2, section 2.7.5)
 * </pre>
 *
 * <p>That is the split layout; {@link PackedChain} reads the other one.
 *
 * <p>Each descriptor is taken in two loads of eight bytes, so a guest that rewrites it meanwhile
 * gets a mixture, but the mixture is what is checked and used. A walk ends after as many
 * descriptors as its table has entries: a loop can't hold us.
 */
public final class DescriptorChain {
  /** The most descriptors one chain may have. */
  public static final int MAX_DESCRIPTORS = 1024;

  /** The most bytes one chain may have: a super-frame of 64 KiB fits several times. */
  static final int MAX_BYTES = 1 << 20;

  private static final int NEXT = 1;
  static final int WRITE = 2;
  private static final int INDIRECT = 4;

  private final int[] region = new int[MAX_DESCRIPTORS];
  private final long[] offset = new long[MAX_DESCRIPTORS];
  private final int[] length = new int[MAX_DESCRIPTORS];
  private int count;
  private long total;

  /** Whose chain it is, and where its table is or -1: to find out why a read has failed. */
  private int ringId;

  private int tableRegion;
  private long tableOffset;
  private int tableBytes;

  /** How many of the buffers, from the first on, are for the device to read. */
  private int readable;

  /** What {@link #take} lets pass. */
  private boolean takesWritable;

  private boolean takesBoth;

  /**
   * Reads the chain that starts at descriptor {@code head}.
   *
   * @param writable whether its buffers must be for the device to write (else: to read)
   * @return false if the chain is bad
   */
  boolean read(Virtqueue ring, int head, boolean writable) {
    return ring instanceof PackedRing packed
        ? readPacked(packed, head, writable, false)
        : walk(ring, head, writable, false);
  }

  /** Reads a chain whose buffers are first some to read, then some to write. */
  boolean readMixed(Virtqueue ring, int head) {
    return ring instanceof PackedRing packed
        ? readPacked(packed, head, false, true)
        : walk(ring, head, false, true);
  }

  private boolean readPacked(PackedRing ring, int head, boolean writable, boolean mixed) {
    begin(ring);
    takesWritable = writable;
    takesBoth = mixed;
    return PackedChain.read(this, ring, head);
  }

  private void begin(Virtqueue ring) {
    readable = 0;
    count = 0;
    total = 0;
    ringId = ring.id;
    tableRegion = -1;
  }

  private boolean walk(Virtqueue ring, int head, boolean writable, boolean mixed) {
    boolean wanted = writable;
    begin(ring);
    MemorySegment table = ring.descriptors;
    GuestMemory memory = ring.memory;
    int entries = ring.size;
    boolean indirect = false;
    int index = head;
    for (int steps = 0; steps < entries; steps++) {
      long at = (long) index << 4;
      long address = table.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
      long word = table.get(ValueLayout.JAVA_LONG_UNALIGNED, at + 8);
      int bytes = (int) word;
      int flags = Virtqueue.flags(word);
      if ((flags & INDIRECT) != 0) {
        if (indirect || !ring.indirectAllowed || (flags & NEXT) != 0) {
          return false;
        }
        table = indirectTable(memory, address, bytes, ring.size);
        if (table == null) {
          return false;
        }
        indirect = true;
        entries = bytes >>> 4;
        index = 0;
        steps = -1;
        continue;
      }
      boolean forWriting = (flags & WRITE) != 0;
      if (mixed) {
        wanted |= forWriting;
        readable += wanted ? 0 : 1;
      }
      if (!add(memory, address, bytes, forWriting == wanted)) {
        return false;
      }
      if ((flags & NEXT) == 0) {
        return true;
      }
      index = GuestWords.inRange((int) (word >>> 48));
      if (index >= entries) {
        return false;
      }
    }
    return false;
  }

  /** Adds the next buffer of a chain of a packed ring; false if it is bad. */
  boolean take(GuestMemory memory, long address, int bytes, boolean forWriting) {
    if (takesBoth) {
      takesWritable |= forWriting;
      readable += takesWritable ? 0 : 1;
    }
    return add(memory, address, bytes, forWriting == takesWritable);
  }

  /** The table at an address, or null if there can't be one. */
  MemorySegment indirectTable(GuestMemory memory, long address, int bytes, int ringSize) {
    if (bytes <= 0 || (bytes & 15) != 0 || bytes >>> 4 > ringSize) {
      return null;
    }
    int found = memory.find(address, bytes);
    if (found < 0) {
      return null;
    }
    tableRegion = found;
    tableOffset = memory.offset(found, address);
    tableBytes = bytes;
    return memory.segment(found).asSlice(tableOffset, bytes);
  }

  private boolean add(GuestMemory memory, long address, int bytes, boolean rightDirection) {
    if (!rightDirection || bytes <= 0 || count == MAX_DESCRIPTORS) {
      return false;
    }
    int found = memory.find(address, bytes);
    if (found < 0) {
      return false;
    }
    int i = count;
    region[i] = found;
    offset[i] = memory.offset(found, address);
    length[i] = bytes;
    count = i + 1;
    total += bytes;
    return total <= MAX_BYTES;
  }

  /** After {@link #readMixed}: how many of the buffers come before the first one to write. */
  int readable() {
    return readable;
  }

  /** Whether the chain, if it is of this ring, can be read at this moment; cold. */
  boolean isAccessible(Virtqueue ring) {
    if (ring.id != ringId) {
      return true;
    }
    GuestMemory memory = ring.memory;
    if (tableRegion >= 0 && !memory.isAccessible(tableRegion, tableOffset, tableBytes)) {
      return false;
    }
    for (int i = 0; i < count; i++) {
      if (!memory.isAccessible(region[i], offset[i], length[i])) {
        return false;
      }
    }
    return true;
  }

  /** How many buffers the chain has. */
  int count() {
    return count;
  }

  /** How many bytes its buffers have together. */
  int total() {
    return (int) total;
  }

  /** The index of the region in the guest's memory that holds buffer {@code i}. */
  int region(int i) {
    return region[i];
  }

  /** Where buffer {@code i} starts in its region. */
  long offset(int i) {
    return offset[i];
  }

  /** The size of buffer {@code i}. */
  int length(int i) {
    return length[i];
  }
}
