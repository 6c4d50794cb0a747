package dev.outboard.linux;

import static dev.outboard.linux.Native.INT;
import static dev.outboard.linux.Native.LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Buffers of one size, lent to the kernel: an operation takes the next one only when it has bytes
 * for it, so that many operations wait without memory of their own. A buffer that a completion
 * names ({@link IoUring#buffer}) is ours until {@link #give} returns it. Made before its ring is
 * started or by the ring's owner; {@link #give} and {@link #publish} are the owner's, and hot.
 *
 * <pre>
 *   ring of entries    address (8), length (4), number (2), and in the first entry the tail (2)
 *   memory             buffer 0 | buffer 1 | ...
 * </pre>
 */
public final class BufferRing implements AutoCloseable {
  private static final int REGISTER_BUFFER_RING = 22;
  private static final int UNREGISTER_BUFFER_RING = 23;
  private static final int REGISTRATION_SIZE = 40;
  private static final int MOST_BUFFERS = 1 << 15;

  private static final int ENTRY_SHIFT = 4;
  private static final int LENGTH = 8;
  private static final int NUMBER = 12;
  private static final int TAIL = 14;

  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT;
  private static final VarHandle TAIL_INDEX = SHORT.varHandle();

  private final IoUring ring;
  private final int group;
  private final int count;
  private final int size;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment entries;
  private final MemorySegment memory;
  private int tail;
  private boolean closed;

  /**
   * Registers buffers and lends all of them.
   *
   * @param group the number by which operations name them
   * @param count how many; a power of 2, at most 32,768
   * @param size of each, in bytes
   */
  public BufferRing(IoUring ring, int group, int count, int size) throws LinuxException {
    if (Integer.bitCount(count) != 1 || count > MOST_BUFFERS) {
      throw new IllegalArgumentException("not a power of 2 up to 32,768: " + count);
    }
    this.ring = ring;
    this.group = group;
    this.count = count;
    this.size = size;
    try {
      entries = Mapping.mapAnonymous((long) count << ENTRY_SHIFT, arena);
      memory = Mapping.mapAnonymous((long) count * size, arena);
      for (int i = 0; i < count; i++) {
        give(i);
      }
      publish();
      LinuxException.check(register(REGISTER_BUFFER_RING), "give buffers to an io_uring");
    } catch (LinuxException e) {
      arena.close();
      throw e;
    }
  }

  private int register(int operation) {
    try (Arena temporary = Arena.ofConfined()) {
      MemorySegment registration = temporary.allocate(REGISTRATION_SIZE, Long.BYTES);
      registration.set(LONG, 0, entries.address());
      registration.set(INT, 8, count);
      registration.set(SHORT, 12, (short) group);
      return ring.register(operation, registration.address(), 1);
    }
  }

  /** The number by which operations name these buffers. */
  public int group() {
    return group;
  }

  /** How many buffers there are. */
  public int count() {
    return count;
  }

  /** The size of each buffer. */
  public int size() {
    return size;
  }

  /** All buffers, one behind the other: number {@code i} starts at {@code i * size}. */
  public MemorySegment memory() {
    return memory;
  }

  /** Lends a buffer to the kernel again, from the next {@link #publish} on. */
  public void give(int number) {
    long at = (long) (tail & count - 1) << ENTRY_SHIFT;
    entries.set(LONG, at, memory.address() + (long) number * size);
    entries.set(INT, at + LENGTH, size);
    entries.set(SHORT, at + NUMBER, (short) number);
    tail++;
  }

  /** Shows the kernel what was given; no system call. */
  public void publish() {
    TAIL_INDEX.setRelease(entries, (long) TAIL, (short) tail);
  }

  /** Takes all buffers back. No operation uses them any more; by the owner, or after the ring. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      int _ = register(UNREGISTER_BUFFER_RING);
      arena.close();
    }
  }
}
