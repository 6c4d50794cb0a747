package dev.outboard.linux;

import static dev.outboard.linux.Native.INT;
import static dev.outboard.linux.Native.LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The descriptors that came with one message, filled by {@link UnixSocket#receiveWithFds}. Used by
 * one thread at a time, and again for each message.
 *
 * <p>Each descriptor belongs to this object until it is {@link #take}n; those left over are closed
 * by {@link #closeAll} and by the next receive, so that a careless or hostile peer leaks nothing.
 */
public final class ReceivedFds {
  /** The kernel's SCM_MAX_FD: more can't travel with one message. */
  private static final int MOST_FDS = 253;

  private static final int CONTROL_SIZE = UnixSocket.controlSpace(MOST_FDS);
  private static final int MESSAGE_AT = 0;
  private static final int IOVEC_AT = 64;
  private static final int CONTROL_AT = 80;

  private final int[] fds;
  private int count;
  private int surplus;
  private boolean truncated;

  /** One native block: a msghdr, one iovec, and room for every descriptor the kernel can send. */
  private final MemorySegment block =
      Arena.ofAuto().allocate(CONTROL_AT + CONTROL_SIZE, Long.BYTES);

  /** With room for this many descriptors; surplus ones are closed on arrival. */
  public ReceivedFds(int room) {
    fds = new int[room];
    Arrays.fill(fds, -1);
  }

  /** Owns these as if they had come with a message; at most as many as there is room for. */
  public void restore(int... received) {
    closeAll();
    System.arraycopy(received, 0, fds, 0, received.length);
    count = received.length;
  }

  /** How many arrived and fitted, taken or not. */
  public int count() {
    return count;
  }

  /** The i-th, still owned by this object; -1 if it was taken. */
  public int peek(int i) {
    return i < count ? fds[i] : -1;
  }

  /** Hands the i-th over to the caller, who closes it from now on; -1 if there is none. */
  public int take(int i) {
    int fd = peek(i);
    if (fd >= 0) {
      fds[i] = -1;
    }
    return fd;
  }

  /** How many more arrived than there was room for; they are closed already. */
  public int surplus() {
    return surplus;
  }

  /** Whether the kernel dropped descriptors: ours ran out (EMFILE), or the message was too big. */
  public boolean truncated() {
    return truncated;
  }

  /** Whether all that was sent arrived here. */
  public boolean isComplete() {
    return surplus == 0 && !truncated;
  }

  /** Closes what was not taken, and forgets the message. */
  public void closeAll() {
    for (int i = 0; i < count; i++) {
      if (fds[i] >= 0) {
        FileDescriptors.closeForeign(fds[i]);
        fds[i] = -1;
      }
    }
    count = 0;
    surplus = 0;
    truncated = false;
  }

  /** Writes the msghdr for a receive into this memory, and returns the msghdr's address. */
  long prepare(long address, long length) {
    closeAll();
    UnixSocket.fillMessage(
        block.asSlice(MESSAGE_AT, UnixSocket.MESSAGE_SIZE),
        block.asSlice(IOVEC_AT, Io.IOVEC_SIZE),
        address,
        length);
    block.set(LONG, MESSAGE_AT + UnixSocket.CONTROL_POINTER, block.address() + CONTROL_AT);
    block.set(LONG, MESSAGE_AT + UnixSocket.CONTROL_LENGTH, CONTROL_SIZE);
    return block.address();
  }

  /** Takes the descriptors out of the control messages that a receive left here. */
  void collect() {
    truncated = (block.get(INT, UnixSocket.MESSAGE_FLAGS) & UnixSocket.MSG_CTRUNC) != 0;
    long end = CONTROL_AT + block.get(LONG, UnixSocket.CONTROL_LENGTH);
    long at = CONTROL_AT;
    while (at + UnixSocket.CONTROL_HEADER <= end) {
      long size = block.get(LONG, at);
      if (size < UnixSocket.CONTROL_HEADER || at + size > end) {
        return;
      }
      if (block.get(INT, at + 8) == UnixSocket.SOL_SOCKET
          && block.get(INT, at + 12) == UnixSocket.SCM_RIGHTS) {
        for (long fd = at + UnixSocket.CONTROL_HEADER; fd + 4 <= at + size; fd += 4) {
          keep(block.get(INT, fd));
        }
      }
      at += (size + 7) & ~7L;
    }
  }

  private void keep(int fd) {
    if (count < fds.length) {
      fds[count++] = fd;
    } else {
      FileDescriptors.closeForeign(fd);
      surplus++;
    }
  }
}
