package dev.outboard.guest;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.LongFunction;

/**
 * The device's side of one split ring, written as plainly as can be: every access goes by the
 * specification's own words, nothing is cached. It serves as the other end in tests of the driver.
 */
final class PlainDevice {
  private static final VarHandle SHARED = ValueLayout.JAVA_SHORT.varHandle();

  /** Part of a chain: guest memory that the device may read or write. */
  record Piece(MemorySegment memory, boolean writable) {}

  /** A chain taken from the available ring. */
  record Chain(int head, List<Piece> pieces) {}

  private final MemorySegment descriptors;
  private final MemorySegment available;
  private final MemorySegment used;
  private final int size;
  private final boolean eventIndex;
  private final LongFunction<MemorySegment> memoryAt;
  private int availableNext;
  private int usedNext;

  /**
   * @param memoryAt finds the memory from a guest-physical address to the end of its region
   */
  PlainDevice(
      MemorySegment descriptors,
      MemorySegment available,
      MemorySegment used,
      int size,
      boolean eventIndex,
      LongFunction<MemorySegment> memoryAt) {
    this.descriptors = descriptors;
    this.available = available;
    this.used = used;
    this.size = size;
    this.eventIndex = eventIndex;
    this.memoryAt = memoryAt;
  }

  /** The device of a ring in this process. */
  static PlainDevice of(DriverRing ring, GuestMemory.Area buffers, boolean eventIndex) {
    MemorySegment memory = ring.area().segment();
    return new PlainDevice(
        memory,
        memory.asSlice(ring.availableOffset()),
        memory.asSlice(ring.usedOffset()),
        ring.size(),
        eventIndex,
        address -> buffers.segment().asSlice(address - buffers.guestAddress()));
  }

  void begin(int index) {
    availableNext = index;
    usedNext = index;
  }

  int base() {
    return availableNext & 0xffff;
  }

  /** The next chain, or null. */
  Chain take() {
    int end = (short) SHARED.getAcquire(available, 2L);
    if ((short) end == (short) availableNext) {
      return null;
    }
    int head = available.get(ValueLayout.JAVA_SHORT, 4 + 2L * (availableNext++ & (size - 1)));
    head &= 0xffff;
    List<Piece> pieces = new ArrayList<>();
    MemorySegment table = descriptors;
    int index = head;
    for (int steps = 0; ; steps++) {
      if (steps > size) {
        throw new AssertionError("the chain has no end");
      }
      MemorySegment descriptor = table.asSlice(index * 16L, 16);
      long address = descriptor.get(ValueLayout.JAVA_LONG, 0);
      int length = descriptor.get(ValueLayout.JAVA_INT, 8);
      int flags = descriptor.get(ValueLayout.JAVA_SHORT, 12);
      MemorySegment memory = memoryAt.apply(address).asSlice(0, length);
      if ((flags & DriverRing.INDIRECT) != 0) {
        table = memory;
        index = 0;
        continue;
      }
      pieces.add(new Piece(memory, (flags & DriverRing.WRITE) != 0));
      if ((flags & DriverRing.NEXT) == 0) {
        return new Chain(head, pieces);
      }
      index = descriptor.get(ValueLayout.JAVA_SHORT, 14) & 0xffff;
    }
  }

  /** Puts back what was taken last and not completed. */
  void untake(int chains) {
    availableNext -= chains;
  }

  /** Writes a used entry that {@link #publish} shows. */
  void complete(int head, int length) {
    long at = 4 + 8L * (usedNext++ & (size - 1));
    used.set(ValueLayout.JAVA_INT, at, head);
    used.set(ValueLayout.JAVA_INT, at + 4, length);
  }

  /** Shows what is complete; true if the driver wants to be called. */
  boolean publish() {
    int old = (short) SHARED.getOpaque(used, 2L);
    SHARED.setRelease(used, 2L, (short) usedNext);
    VarHandle.fullFence();
    if (eventIndex) {
      int event = available.get(ValueLayout.JAVA_SHORT, 4 + 2L * size);
      return ((usedNext - event - 1) & 0xffff) < ((usedNext - old) & 0xffff);
    }
    return (available.get(ValueLayout.JAVA_SHORT, 0) & 1) == 0 && usedNext != old;
  }

  /** Shows any index, right or wrong. */
  void publishIndex(int index) {
    SHARED.setRelease(used, 2L, (short) index);
  }

  /** Asks for a kick at the next chain; false if there is one already. */
  boolean arm() {
    if (eventIndex) {
      SHARED.setOpaque(used, 4 + 8L * size, (short) availableNext);
    } else {
      SHARED.setOpaque(used, 0L, (short) 0);
    }
    VarHandle.fullFence();
    return (short) SHARED.getAcquire(available, 2L) == (short) availableNext;
  }

  /** Asks for no kicks. */
  void quiet() {
    if (eventIndex) {
      SHARED.setOpaque(used, 4 + 8L * size, (short) (availableNext - 1));
    } else {
      SHARED.setOpaque(used, 0L, (short) 1);
    }
  }

  /** All readable bytes of a chain. */
  static byte[] read(Chain chain) {
    int total = 0;
    for (Piece piece : chain.pieces()) {
      if (piece.writable()) {
        throw new AssertionError("a transmit chain is writable");
      }
      total += (int) piece.memory().byteSize();
    }
    byte[] bytes = new byte[total];
    int at = 0;
    for (Piece piece : chain.pieces()) {
      int length = (int) piece.memory().byteSize();
      MemorySegment.copy(piece.memory(), ValueLayout.JAVA_BYTE, 0, bytes, at, length);
      at += length;
    }
    return bytes;
  }

  /**
   * Writes header and frame into as many chains as they need (with {@code mergeable}, else one) and
   * completes them. False, and nothing taken, if there are too few.
   */
  boolean deliver(byte[] bytes, boolean mergeable) {
    Deque<Chain> chains = new ArrayDeque<>();
    long room = 0;
    while (room < bytes.length) {
      Chain chain = chains.isEmpty() || mergeable ? take() : null;
      if (chain == null) {
        untake(chains.size());
        return false;
      }
      chains.add(chain);
      for (Piece piece : chain.pieces()) {
        if (!piece.writable()) {
          throw new AssertionError("a receive chain is not writable");
        }
        room += piece.memory().byteSize();
      }
    }
    byte[] copy = bytes.clone();
    copy[10] = (byte) chains.size();
    copy[11] = (byte) (chains.size() >>> 8);
    int at = 0;
    for (Chain chain : chains) {
      int begin = at;
      for (Piece piece : chain.pieces()) {
        int length = (int) Math.min(piece.memory().byteSize(), copy.length - at);
        MemorySegment.copy(copy, at, piece.memory(), ValueLayout.JAVA_BYTE, 0, length);
        at += length;
      }
      complete(chain.head(), at - begin);
    }
    return true;
  }
}
