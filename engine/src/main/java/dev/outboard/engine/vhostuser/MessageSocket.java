package dev.outboard.engine.vhostuser;

import dev.outboard.linux.Errno;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.ReceivedFds;
import dev.outboard.linux.UnixSocket;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Reads and writes whole messages on a non-blocking socket. A message may come in pieces; the fds
 * come with its first byte.
 *
 * <pre>
 *   0 request, 4 flags (version 1, bit 2 reply, bit 3 needs reply), 8 size, 12 payload
 * </pre>
 */
final class MessageSocket implements AutoCloseable {
  /** Larger than any message that is served. */
  static final int MAX_PAYLOAD = 2048;

  private static final int HEADER = 12;
  private static final int VERSION = 1;
  private static final int VERSION_MASK = 3;
  private static final int REPLY = 1 << 2;
  private static final int NEEDS_REPLY = 1 << 3;
  private static final int MAX_FDS = 8;

  private final int fd;

  /**
   * The control thread alone uses it; to close a shared one would stop all workers for a moment.
   */
  private final Arena arena = Arena.ofConfined();

  private final MemorySegment in = arena.allocate(HEADER + MAX_PAYLOAD, 8);
  private final MemorySegment out = arena.allocate(HEADER + MAX_PAYLOAD, 8);
  private final ReceivedFds fds = new ReceivedFds(MAX_FDS);
  private final ReceivedFds later = new ReceivedFds(0);
  private int have;

  /** What {@link #read} found. */
  enum Progress {
    /** A whole message. */
    MESSAGE,
    /** Nothing, or a part of one. */
    WAIT,
    /** The front-end has gone. */
    CLOSED
  }

  MessageSocket(int fd) {
    this.fd = fd;
  }

  /** Reads on; after {@link Progress#MESSAGE} the message stays until the next call. */
  Progress read() throws ProtocolException {
    if (have >= HEADER && have == HEADER + size()) {
      have = 0;
      fds.closeAll();
    }
    while (true) {
      int wanted = have < HEADER ? HEADER : HEADER + size();
      if (have == wanted) {
        return Progress.MESSAGE;
      }
      long got =
          UnixSocket.receiveWithFds(
              fd, in.address() + have, wanted - have, have == 0 ? fds : later);
      if (got == -Errno.EAGAIN || got == -Errno.EINTR) {
        return Progress.WAIT;
      }
      if (got <= 0) {
        return Progress.CLOSED;
      }
      if ((have == 0 && !fds.isComplete()) || (have > 0 && !later.isComplete())) {
        throw new ProtocolException("more file descriptors than a message may carry");
      }
      boolean headerDone = have < HEADER && have + got >= HEADER;
      have += (int) got;
      if (headerDone) {
        checkHeader();
      }
    }
  }

  private void checkHeader() throws ProtocolException {
    int flags = in.get(ValueLayout.JAVA_INT, 4);
    if ((flags & VERSION_MASK) != VERSION || (flags & REPLY) != 0) {
      throw new ProtocolException("a message with flags 0x" + Integer.toHexString(flags));
    }
    if (size() < 0 || size() > MAX_PAYLOAD) {
      throw new ProtocolException(
          "a message of " + Integer.toUnsignedLong(size()) + " bytes, at most " + MAX_PAYLOAD);
    }
  }

  /** The socket itself, for whoever hands it over to another process. */
  int fd() {
    return fd;
  }

  /** What has come of a message that is not whole yet, as hexadecimal digits. */
  String unread() {
    boolean whole = have >= HEADER && have == HEADER + size();
    byte[] part = in.asSlice(0, whole ? 0 : have).toArray(ValueLayout.JAVA_BYTE);
    return HexFormat.of().formatHex(part);
  }

  /** The fds that came with {@link #unread}. */
  List<Integer> unreadFds() {
    return IntStream.range(0, unread().isEmpty() ? 0 : fds.count()).mapToObj(fds::peek).toList();
  }

  /** Goes on in the middle of a message of which another process has read the beginning. */
  void restore(String unread, List<Integer> unreadFds) {
    byte[] part = HexFormat.of().parseHex(unread);
    MemorySegment.copy(part, 0, in, ValueLayout.JAVA_BYTE, 0, part.length);
    have = part.length;
    fds.restore(unreadFds.stream().mapToInt(Integer::intValue).toArray());
  }

  int code() {
    return in.get(ValueLayout.JAVA_INT, 0);
  }

  boolean needsReply() {
    return (in.get(ValueLayout.JAVA_INT, 4) & NEEDS_REPLY) != 0;
  }

  int size() {
    return in.get(ValueLayout.JAVA_INT, 8);
  }

  ReceivedFds fds() {
    return fds;
  }

  int u32(int at) {
    return in.get(ValueLayout.JAVA_INT, HEADER + at);
  }

  long u64(int at) {
    return in.get(ValueLayout.JAVA_LONG_UNALIGNED, HEADER + at);
  }

  /** Where the payload of the next reply is put together. */
  MemorySegment reply() {
    return out.asSlice(HEADER);
  }

  /** Sends the reply to the current message; false if the front-end does not take it. */
  boolean sendReply(int size, int... replyFds) {
    out.set(ValueLayout.JAVA_INT, 0, code());
    out.set(ValueLayout.JAVA_INT, 4, VERSION | REPLY);
    out.set(ValueLayout.JAVA_INT, 8, size);
    int length = HEADER + size;
    return UnixSocket.sendWithFds(fd, out.address(), length, replyFds, replyFds.length) == length;
  }

  @Override
  public void close() {
    fds.closeAll();
    FileDescriptors.closeForeign(fd);
    arena.close();
  }
}
