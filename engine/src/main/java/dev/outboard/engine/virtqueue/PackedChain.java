package dev.outboard.engine.virtqueue;

import dev.outboard.engine.memory.GuestMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Reads the descriptors of one chain of a packed ring into a {@link DescriptorChain}, which checks
 * them. Where the chain ends is known before ({@link PackedRing}); what its descriptors say of that
 * now is of no interest. Used by a worker's thread.
 */
final class PackedChain {
  private static final int INDIRECT = 4;

  private PackedChain() {}

  /** Returns false if the chain is bad. */
  static boolean read(DescriptorChain into, PackedRing ring, int head) {
    int count = ring.slots(head);
    int slot = ring.firstSlot(head);
    MemorySegment descriptors = ring.descriptors;
    for (int i = 0; i < count; i++) {
      long at = (long) slot << 4;
      long address = descriptors.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
      long word = descriptors.get(ValueLayout.JAVA_LONG_UNALIGNED, at + 8);
      int flags = (int) (word >>> 48);
      if ((flags & INDIRECT) != 0) {
        return count == 1 && ring.indirectAllowed && readTable(into, ring, address, (int) word);
      }
      if (!into.take(ring.memory, address, (int) word, (flags & PackedRing.WRITE) != 0)) {
        return false;
      }
      slot = slot + 1 == ring.size ? 0 : slot + 1;
    }
    return true;
  }

  /** All entries of the table belong to the chain; of their flags only one has a meaning. */
  private static boolean readTable(
      DescriptorChain into, PackedRing ring, long address, int tableBytes) {
    GuestMemory memory = ring.memory;
    MemorySegment table = into.indirectTable(memory, address, tableBytes, ring.size);
    if (table == null) {
      return false;
    }
    for (long at = 0; at < tableBytes; at += 16) {
      long buffer = table.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
      long word = table.get(ValueLayout.JAVA_LONG_UNALIGNED, at + 8);
      int flags = (int) (word >>> 48);
      if ((flags & INDIRECT) != 0
          || !into.take(memory, buffer, (int) word, (flags & PackedRing.WRITE) != 0)) {
        return false;
      }
    }
    return true;
  }
}
