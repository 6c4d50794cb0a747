package dev.outboard.linux;

import static dev.outboard.linux.Native.INT;
import static dev.outboard.linux.Native.LONG;
import static dev.outboard.linux.Native.POINTER;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The byte-moving calls of the frame's way: hot, no allocation, no exception. Each returns the
 * number of bytes, or the negated error number. Any thread may call them; the memory must stay
 * mapped during the call, which is the caller's duty.
 *
 * <p>{@link #write} and {@link #send} ring doorbells, some of them so seldom that they are never
 * compiled; until then a handle that saves {@code errno} allocates. So they call without, and a
 * call that fails is made again, to learn why.
 */
public final class Io {
  /** {@code sizeof(struct iovec)}: the address at 0, the length at 8. */
  public static final int IOVEC_SIZE = 16;

  private static final int MSG_DONTWAIT = 0x40;
  private static final int MSG_NOSIGNAL = 0x4000;

  private static final MethodHandle READ = Native.bind("read", LONG, INT, POINTER, LONG);
  private static final MethodHandle WRITE = Native.bind("write", LONG, INT, POINTER, LONG);
  private static final MethodHandle READV = Native.bind("readv", LONG, INT, POINTER, INT);
  private static final MethodHandle WRITEV = Native.bind("writev", LONG, INT, POINTER, INT);
  private static final MethodHandle SEND = Native.bind("send", LONG, INT, POINTER, LONG, INT);
  private static final MethodHandle PLAIN_WRITE =
      Native.bindPlain("write", LONG, INT, POINTER, LONG);
  private static final MethodHandle PLAIN_SEND =
      Native.bindPlain("send", LONG, INT, POINTER, LONG, INT);

  private static final int RWF_NOWAIT = 8;
  private static final MethodHandle PREADV2 =
      Native.bind("preadv2", LONG, INT, POINTER, INT, LONG, INT);

  private Io() {}

  /** Bytes read into memory, 0 at the end of a stream, or the negated error number. */
  public static long read(int fd, long address, long length) {
    MemorySegment state = Native.callState();
    try {
      return Native.check((long) READ.invokeExact(state, fd, address, length), state);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  /** Bytes written from memory, or the negated error number. */
  public static long write(int fd, long address, long length) {
    try {
      long written = (long) PLAIN_WRITE.invokeExact(fd, address, length);
      return written >= 0 ? written : writeAgain(fd, address, length);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  private static long writeAgain(int fd, long address, long length) {
    MemorySegment state = Native.callState();
    try {
      return Native.check((long) WRITE.invokeExact(state, fd, address, length), state);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  /** As {@link #read}, into an array of {@code count} iovecs. */
  public static long readv(int fd, long iovec, int count) {
    MemorySegment state = Native.callState();
    try {
      return Native.check((long) READV.invokeExact(state, fd, iovec, count), state);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  /** As {@link #read}, into one iovec, and never waits, whatever the mode of the descriptor. */
  static long readNow(int fd, long iovec) {
    MemorySegment state = Native.callState();
    try {
      return Native.check((long) PREADV2.invokeExact(state, fd, iovec, 1, -1L, RWF_NOWAIT), state);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  /** As {@link #write}, from an array of {@code count} iovecs. */
  public static long writev(int fd, long iovec, int count) {
    MemorySegment state = Native.callState();
    try {
      return Native.check((long) WRITEV.invokeExact(state, fd, iovec, count), state);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  /** Sends on a socket: never waits, never raises SIGPIPE, whatever the socket's own mode. */
  public static long send(int fd, long address, long length) {
    try {
      long sent = (long) PLAIN_SEND.invokeExact(fd, address, length, MSG_DONTWAIT | MSG_NOSIGNAL);
      return sent >= 0 ? sent : sendAgain(fd, address, length);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  private static long sendAgain(int fd, long address, long length) {
    MemorySegment state = Native.callState();
    try {
      return Native.check(
          (long) SEND.invokeExact(state, fd, address, length, MSG_DONTWAIT | MSG_NOSIGNAL), state);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }
}
