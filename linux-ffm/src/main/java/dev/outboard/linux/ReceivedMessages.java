package dev.outboard.linux;

import static dev.outboard.linux.Native.INT;
import static dev.outboard.linux.Native.LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What {@link IoUring#receiveMessages} writes into a provided buffer, for UDP: who sent it, whether
 * it is several datagrams in one, and the bytes. Any thread; hot, but for the constructor.
 *
 * <pre>
 *   lengths and flags (16)  name (32)  control messages (24)  payload
 * </pre>
 */
public final class ReceivedMessages {
  /** Where the sender's {@link InternetAddress} is, from the buffer's start. */
  public static final int NAME = 16;

  /** Where the payload is, from the buffer's start. */
  public static final int PAYLOAD = 72;

  private static final int NAME_ROOM = 32;
  private static final int CONTROL = NAME + NAME_ROOM;
  private static final int CONTROL_ROOM = PAYLOAD - CONTROL;

  private static final int NAME_LENGTH = 0;
  private static final int CONTROL_LENGTH = 4;
  private static final int PAYLOAD_LENGTH = 8;
  private static final int FLAGS = 12;

  private static final int SOL_UDP = 17;
  private static final int UDP_GRO = 104;
  private static final int MSG_TRUNC = 0x20;

  private static final int MESSAGE_NAME_LENGTH = 8;

  private final MemorySegment template;

  /** For as long as the arena lives. */
  public ReceivedMessages(Arena arena) {
    template = arena.allocate(UnixSocket.MESSAGE_SIZE, Long.BYTES);
    template.set(INT, MESSAGE_NAME_LENGTH, NAME_ROOM);
    template.set(LONG, UnixSocket.CONTROL_LENGTH, CONTROL_ROOM);
  }

  /** The {@code struct msghdr} that says how a buffer is laid out. */
  public long template() {
    return template.address();
  }

  /** Whether the sender is known, so that there is an address at {@link #NAME}. */
  public static boolean hasName(MemorySegment memory, long buffer) {
    int length = memory.get(INT, buffer + NAME_LENGTH);
    return length > 0 && length <= NAME_ROOM;
  }

  /** Bytes of payload in the buffer. */
  public static int length(MemorySegment memory, long buffer) {
    return memory.get(INT, buffer + PAYLOAD_LENGTH);
  }

  /** Whether bytes were cut off since the buffer was too small. */
  public static boolean isTruncated(MemorySegment memory, long buffer) {
    return (memory.get(INT, buffer + FLAGS) & MSG_TRUNC) != 0;
  }

  /** The size of the datagrams in the payload, but for the last; 0 if it is one datagram. */
  public static int segmentSize(MemorySegment memory, long buffer) {
    long control = buffer + CONTROL;
    boolean coalesced =
        memory.get(INT, buffer + CONTROL_LENGTH) >= UnixSocket.CONTROL_HEADER + Integer.BYTES
            && memory.get(INT, control + 8) == SOL_UDP
            && memory.get(INT, control + 12) == UDP_GRO;
    return coalesced ? memory.get(INT, control + UnixSocket.CONTROL_HEADER) : 0;
  }
}
