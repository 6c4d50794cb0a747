package dev.outboard.linux;

import static dev.outboard.linux.Native.INT;
import static dev.outboard.linux.Native.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * A clock that makes a descriptor readable after some time: how a worker sleeps whose port has
 * nothing else to wake it. {@link #set} is hot; one thread.
 */
public final class TimerFd implements AutoCloseable {
  private static final int CLOCK_MONOTONIC = 1;
  private static final int TFD_FLAGS = 0x800 | 0x80000; // non-blocking, close-on-exec
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  /** In {@code struct itimerspec}: the interval, which stays 0, then the time. */
  private static final int SECONDS = 16;

  private static final int NANOS = 24;
  private static final int SIZE = 32;

  private static final MethodHandle CREATE = Native.bind("timerfd_create", INT, INT, INT);
  private static final MethodHandle SET =
      Native.bindPlain("timerfd_settime", INT, INT, INT, POINTER, POINTER);

  private final int fd;
  private final MemorySegment time = Arena.ofAuto().allocate(SIZE, Long.BYTES);
  private final long address = time.address();

  /** A timer that is not set. */
  public TimerFd() throws LinuxException {
    MemorySegment state = Native.callState();
    int result;
    try {
      result = Native.check((int) CREATE.invokeExact(state, CLOCK_MONOTONIC, TFD_FLAGS), state);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
    fd = LinuxException.check(result, "create a timer");
  }

  /** What becomes readable, once for each {@link #set}, as an edge; nobody needs to read it. */
  public int fd() {
    return fd;
  }

  /** Rings after so many nanoseconds in place of what was set before; 0: not at all. */
  public void set(long nanos) {
    time.set(ValueLayout.JAVA_LONG, SECONDS, nanos / NANOS_PER_SECOND);
    time.set(ValueLayout.JAVA_LONG, NANOS, nanos % NANOS_PER_SECOND);
    try {
      int _ = (int) SET.invokeExact(fd, 0, address, 0L);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  @Override
  public void close() {
    FileDescriptors.close(fd);
  }
}
