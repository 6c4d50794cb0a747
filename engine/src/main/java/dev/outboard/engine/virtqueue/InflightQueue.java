package dev.outboard.engine.virtqueue;

import dev.outboard.linux.Mapping;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * One split ring's part of the in-flight file, by which a back-end tells the next one which chains
 * it had taken and not completed (vhost-user, "Inflight I/O tracking"). Opened by the control
 * thread with its {@link SplitRing}, then used by whoever uses that.
 *
 * <p>Theory of operation. We complete chains in the order of the ring, always, so whoever comes
 * after us finds all that we had taken between the used index and the available index, and needs no
 * marks: what we write is the used index alone. Another back-end may have completed chains in
 * another order; what it left in flight is served again first, in the order in which it had been
 * taken. The file is the VMM's and as hostile as guest memory.
 *
 * <pre>
 *   0 features, 8 version, 10 number of descriptors, 12 head of last batch, 14 used index
 *   16 one entry a descriptor:  0 in flight, 6 next of the batch, 8 counter
 * </pre>
 */
public final class InflightQueue {
  private static final VarHandle SHORT = ValueLayout.JAVA_SHORT.varHandle();
  private static final int HEADER = 16;
  private static final int ENTRY = 16;
  private static final int ALIGNMENT = 64;

  private static final long VERSION = 8;
  private static final long DESCRIPTORS = 10;
  private static final long LAST_BATCH = 12;
  private static final long USED_INDEX = 14;
  private static final int NEXT = 6;
  private static final int COUNTER = 8;

  private final MemorySegment memory;

  private record Taken(int head, long counter) {}

  /** A queue over its part of the file, of {@link #bytes} bytes, aligned to eight. */
  public InflightQueue(MemorySegment memory) {
    this.memory = memory;
  }

  /** How many bytes of the file the part of a ring of that size takes. */
  public static long bytes(int ringSize) {
    return (HEADER + (long) ENTRY * ringSize + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  /** Whether it can be read at this moment; asks the kernel, cold. */
  boolean isAccessible() {
    return Mapping.isAccessible(memory.address(), memory.byteSize());
  }

  /** Whether a back-end has written here before. */
  boolean wasUsed() {
    return u16(VERSION) != 0;
  }

  /**
   * Makes the part ready for a ring.
   *
   * @param usedIndex where the ring's used ring stands
   * @return the heads that must be served again, in order, or null if there are none
   * @throws BadRingException if an earlier back-end's notes do not fit the ring
   */
  int[] open(int ringSize, int usedIndex) throws BadRingException {
    if (bytes(ringSize) > memory.byteSize()) {
      throw new BadRingException("the in-flight file is too small for a ring of " + ringSize);
    }
    if (!wasUsed()) {
      put16(DESCRIPTORS, ringSize);
      put16(USED_INDEX, usedIndex);
      put16(VERSION, 1);
      return null;
    }
    if (u16(VERSION) != 1 || u16(DESCRIPTORS) != ringSize) {
      throw new BadRingException(
          "the in-flight file is of version %d for %d descriptors, not of version 1 for %d"
              .formatted(u16(VERSION), u16(DESCRIPTORS), ringSize));
    }
    finishLastBatch(ringSize, usedIndex);
    List<Taken> taken = new ArrayList<>();
    for (int head = 0; head < ringSize; head++) {
      if (memory.get(ValueLayout.JAVA_BYTE, entry(head)) != 0) {
        long counter = memory.get(ValueLayout.JAVA_LONG_UNALIGNED, entry(head) + COUNTER);
        taken.add(new Taken(head, counter));
      }
    }
    taken.sort(Comparator.comparingLong(Taken::counter));
    return taken.isEmpty() ? null : taken.stream().mapToInt(Taken::head).toArray();
  }

  /** The last back-end ended between showing a batch to the driver and taking its marks away. */
  private void finishLastBatch(int ringSize, int usedIndex) {
    int left = (usedIndex - u16(USED_INDEX)) & 0xffff;
    int head = u16(LAST_BATCH);
    for (int i = 0; i < Math.min(left, ringSize) && head < ringSize; i++) {
      memory.set(ValueLayout.JAVA_BYTE, entry(head), (byte) 0);
      head = u16(entry(head) + NEXT);
    }
    put16(USED_INDEX, usedIndex);
  }

  /** Before the used index shows a batch: which marked chains are among it. */
  void beginBatch(int[] heads, int from, int count) {
    for (int i = from; i < from + count; i++) {
      put16(entry(heads[i]) + NEXT, u16(LAST_BATCH));
      put16(LAST_BATCH, heads[i]);
    }
    VarHandle.releaseFence();
  }

  /** After the used index has shown the batch. */
  void endBatch(int[] heads, int from, int count, int usedIndex) {
    VarHandle.releaseFence();
    for (int i = from; i < from + count; i++) {
      memory.set(ValueLayout.JAVA_BYTE, entry(heads[i]), (byte) 0);
    }
    SHORT.setRelease(memory, USED_INDEX, (short) usedIndex);
  }

  private static long entry(int head) {
    return HEADER + (long) ENTRY * head;
  }

  private int u16(long at) {
    return GuestWords.get(memory, at);
  }

  private void put16(long at, int value) {
    memory.set(ValueLayout.JAVA_SHORT, at, (short) value);
  }
}
