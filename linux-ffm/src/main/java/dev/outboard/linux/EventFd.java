package dev.outboard.linux;

import static dev.outboard.linux.Native.INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Eventfds: how workers wake one another, and how guests and devices ring each other's bell. {@link
 * #signal} and {@link #drain} are hot; any thread may call them.
 */
public final class EventFd {
  private static final int EFD_NONBLOCK = 0x800;
  private static final int EFD_CLOEXEC = 0x80000;

  private static final int POLLFD_SIZE = 8;
  private static final int POLLFD_EVENTS = 4;
  private static final short POLLOUT = 4;

  private static final MethodHandle POLL =
      Native.bind("poll", INT, Native.POINTER, Native.LONG, INT);
  private static final MethodHandle EVENTFD = Native.bind("eventfd", INT, INT, INT);

  /** Holds the 1 that every signal writes. */
  private static final MemorySegment ONE = Arena.global().allocateFrom(ValueLayout.JAVA_LONG, 1L);

  static final long ONE_ADDRESS = ONE.address();

  /** Where drained counts go; nobody reads it, so threads may share it. */
  private static final long SINK_ADDRESS = Arena.global().allocate(ValueLayout.JAVA_LONG).address();

  private static final MemorySegment IOVEC =
      Arena.global().allocateFrom(ValueLayout.JAVA_LONG, SINK_ADDRESS, Long.BYTES);

  private EventFd() {}

  /** A new eventfd, non-blocking and close-on-exec; the caller closes it. */
  public static int create() throws LinuxException {
    MemorySegment state = Native.callState();
    int fd;
    try {
      fd = Native.check((int) EVENTFD.invokeExact(state, 0, EFD_NONBLOCK | EFD_CLOEXEC), state);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
    return LinuxException.check(fd, "create an eventfd");
  }

  /**
   * Adds 1: 0, or the negated error number. EAGAIN means that the counter is at its maximum, which
   * only a hostile or broken owner brings about. A blocking eventfd would block here.
   */
  public static long signal(int fd) {
    long written = Io.write(fd, ONE_ADDRESS, Long.BYTES);
    return written > 0 ? 0 : written;
  }

  /** Adds any number to the counter; cold. Returns 0 or the negated error number. */
  public static long add(int fd, long count) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocateFrom(ValueLayout.JAVA_LONG, count);
      long written = Io.write(fd, value.address(), Long.BYTES);
      return written > 0 ? 0 : written;
    }
  }

  /** Whether a signal would have to wait, or fail: the counter is at its maximum. Cold. */
  public static boolean isFull(int fd) {
    MemorySegment state = Native.callState();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment request = arena.allocate(POLLFD_SIZE, Integer.BYTES);
      request.set(INT, 0, fd);
      request.set(ValueLayout.JAVA_SHORT, POLLFD_EVENTS, POLLOUT);
      return (int) POLL.invokeExact(state, request.address(), 1L, 0) == 0;
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  /**
   * Resets the counter to 0 and never waits, whatever the eventfd's own mode is at this moment.
   * Whoever waits to write can go on then.
   */
  public static void drainNow(int fd) {
    long _ = Io.readNow(fd, IOVEC.address());
  }

  /** Resets the counter to 0, if the eventfd is non-blocking. */
  public static void drain(int fd) {
    long _ = Io.read(fd, SINK_ADDRESS, Long.BYTES);
  }
}
