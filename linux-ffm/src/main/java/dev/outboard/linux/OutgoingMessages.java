package dev.outboard.linux;

import static dev.outboard.linux.Native.INT;
import static dev.outboard.linux.Native.LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Native memory for a handful of UDP messages to be sent by {@link IoUring#sendMessage} or {@link
 * UdpSocket#send}. Each gathers its bytes from any number of places, and may be cut by the kernel
 * into datagrams of one size (UDP_SEGMENT). One thread at a time; hot, nothing is allocated.
 *
 * <pre>
 *   message m    name, iovecs, control message
 *   iovecs       those of message 0 | of message 1 | ...
 * </pre>
 */
public final class OutgoingMessages {
  /** The most iovecs of one message, as the kernel has it. */
  public static final int MOST_IOVECS = 1024;

  private static final int MESSAGE_STRIDE = 64;
  private static final int NAME_LENGTH = 8;
  private static final int IOVECS = 16;
  private static final int IOVEC_COUNT = 24;

  private static final int CONTROL_STRIDE = 24;
  private static final int CONTROL_DATA = 16;
  private static final int SOL_UDP = 17;
  private static final int UDP_SEGMENT = 103;

  private final MemorySegment messages;
  private final MemorySegment controls;
  private final MemorySegment iovecs;
  private final int messageCapacity;
  private final int iovecCapacity;
  private int count;
  private int iovecCount;
  private int firstIovec;
  private int lastFirstIovec;

  /** Room for so many messages, with so many iovecs in all, for as long as the arena lives. */
  public OutgoingMessages(Arena arena, int messages, int iovecs) {
    messageCapacity = messages;
    iovecCapacity = iovecs;
    this.messages = arena.allocate((long) messages * MESSAGE_STRIDE, Long.BYTES);
    this.iovecs = arena.allocate((long) iovecs * Io.IOVEC_SIZE, Long.BYTES);
    controls = arena.allocate((long) messages * CONTROL_STRIDE, Long.BYTES);
    for (int i = 0; i < messages; i++) {
      long control = (long) i * CONTROL_STRIDE;
      controls.set(LONG, control, CONTROL_DATA + (long) Short.BYTES);
      controls.set(INT, control + 8, SOL_UDP);
      controls.set(INT, control + 12, UDP_SEGMENT);
      this.messages.set(
          LONG,
          (long) i * MESSAGE_STRIDE + UnixSocket.CONTROL_POINTER,
          controls.address() + control);
    }
  }

  /** Forgets all messages. */
  public void clear() {
    count = 0;
    iovecCount = 0;
    firstIovec = 0;
  }

  /** How many messages are finished. */
  public int count() {
    return count;
  }

  /** How many iovecs the message that is being made has. */
  public int iovecs() {
    return iovecCount - firstIovec;
  }

  /** Whether there is room for a message, or for one more part of it, with so many iovecs. */
  public boolean hasRoom(int more) {
    return count < messageCapacity && iovecCount + more <= iovecCapacity;
  }

  /** Adds bytes to the message that is being made. */
  public void add(long address, int length) {
    long at = (long) iovecCount * Io.IOVEC_SIZE;
    iovecs.set(LONG, at, address);
    iovecs.set(LONG, at + Long.BYTES, length);
    iovecCount++;
  }

  /**
   * Finishes a message.
   *
   * @param name the address of a {@link InternetAddress}
   * @param segmentSize the size of the datagrams it is cut into, but for the last; 0 for one
   */
  public void end(long name, int nameLength, int segmentSize) {
    long at = (long) count * MESSAGE_STRIDE;
    messages.set(LONG, at, name);
    messages.set(INT, at + NAME_LENGTH, nameLength);
    messages.set(LONG, at + IOVECS, iovecs.address() + (long) firstIovec * Io.IOVEC_SIZE);
    messages.set(LONG, at + IOVEC_COUNT, iovecCount - firstIovec);
    messages.set(LONG, at + UnixSocket.CONTROL_LENGTH, segmentSize > 0 ? CONTROL_STRIDE : 0L);
    controls.set(
        ValueLayout.JAVA_SHORT, (long) count * CONTROL_STRIDE + CONTROL_DATA, (short) segmentSize);
    lastFirstIovec = firstIovec;
    firstIovec = iovecCount;
    count++;
  }

  /** The number of the first iovec of the message that was finished last. */
  public int lastFirstIovec() {
    return lastFirstIovec;
  }

  /** Says that an iovec's bytes are others. */
  public void move(int iovec, long address, int length) {
    long at = (long) iovec * Io.IOVEC_SIZE;
    iovecs.set(LONG, at, address);
    iovecs.set(LONG, at + Long.BYTES, length);
  }

  /** Where a finished message's {@code struct msghdr} is. */
  public long address(int i) {
    return messages.address() + (long) i * MESSAGE_STRIDE;
  }
}
