package dev.outboard.linux;

import static dev.outboard.linux.Native.INT;
import static dev.outboard.linux.Native.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.ref.Reference;

/**
 * Waits for many descriptors at once. One thread (the owner) calls {@link #await}, {@link #data}
 * and {@link #events}, which are hot; any thread may {@link #add}, {@link #modify} and {@link
 * #remove} meanwhile. Close it from the owner, or when the owner has ended.
 */
public final class Epoll implements AutoCloseable {
  public static final int IN = 0x1;
  public static final int OUT = 0x4;
  public static final int ERR = 0x8;
  public static final int HUP = 0x10;
  public static final int RDHUP = 0x2000;
  public static final int ONE_SHOT = 1 << 30;
  public static final int EDGE_TRIGGERED = 1 << 31;

  /** How many events one {@link #await} can bring. */
  public static final int CAPACITY = 256;

  private static final int EPOLL_CLOEXEC = 0x80000;
  private static final int CTL_ADD = 1;
  private static final int CTL_REMOVE = 2;
  private static final int CTL_MODIFY = 3;

  /** On x86-64 alone {@code struct epoll_event} is packed. */
  private static final boolean PACKED = System.getProperty("os.arch").equals("amd64");

  private static final int EVENT_SIZE = PACKED ? 12 : 16;
  private static final int DATA_OFFSET = PACKED ? 4 : 8;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private static final MethodHandle CREATE = Native.bind("epoll_create1", INT, INT);
  private static final MethodHandle CONTROL = Native.bind("epoll_ctl", INT, INT, INT, INT, POINTER);
  private static final MethodHandle WAIT =
      Native.bindPlain("epoll_pwait2", INT, INT, POINTER, INT, POINTER, POINTER);

  private final int fd;
  private final MemorySegment ready;
  private final MemorySegment timeout;
  private final long readyAddress;
  private final long timeoutAddress;
  private boolean closed;

  /** A new, empty set. */
  public Epoll() throws LinuxException {
    MemorySegment state = Native.callState();
    int result;
    try {
      result = Native.check((int) CREATE.invokeExact(state, EPOLL_CLOEXEC), state);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
    fd = LinuxException.check(result, "create an epoll instance");
    Arena arena = Arena.ofAuto();
    ready = arena.allocate((long) EVENT_SIZE * CAPACITY, Long.BYTES);
    timeout = arena.allocate(2L * Long.BYTES, Long.BYTES);
    readyAddress = ready.address();
    timeoutAddress = timeout.address();
  }

  /** The epoll descriptor itself, so that one set can watch another. */
  public int fd() {
    return fd;
  }

  /** Begins to watch; {@code data} comes back with each event. */
  public void add(int watched, int events, long data) throws LinuxException {
    LinuxException.check(
        control(CTL_ADD, watched, events, data), "watch descriptor " + watched + " by epoll");
  }

  /** Changes what is watched for; also re-arms a ONE_SHOT. */
  public void modify(int watched, int events, long data) throws LinuxException {
    LinuxException.check(
        control(CTL_MODIFY, watched, events, data), "change the epoll watch of " + watched);
  }

  /** Ends watching. One that is not watched, or closed already, is no error. */
  public void remove(int watched) throws LinuxException {
    int result = control(CTL_REMOVE, watched, 0, 0);
    if (result != -Errno.ENOENT && result != -Errno.EBADF) {
      LinuxException.check(result, "end the epoll watch of " + watched);
    }
  }

  private int control(int operation, int watched, int events, long data) {
    MemorySegment state = Native.callState();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment event = arena.allocate(EVENT_SIZE, Long.BYTES);
      event.set(INT, 0, events);
      event.set(ValueLayout.JAVA_LONG_UNALIGNED, DATA_OFFSET, data);
      return Native.check(
          (int) CONTROL.invokeExact(state, fd, operation, watched, event.address()), state);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  /**
   * Waits for events: at most this long; 0 asks without waiting, a negative time waits for ever.
   * Returns how many there are; 0 also if a signal came: with a descriptor and memory of its own no
   * other error is possible.
   */
  public int await(long timeoutNanos) {
    long limit = 0;
    if (timeoutNanos >= 0) {
      timeout.set(ValueLayout.JAVA_LONG, 0, timeoutNanos / NANOS_PER_SECOND);
      timeout.set(ValueLayout.JAVA_LONG, Long.BYTES, timeoutNanos % NANOS_PER_SECOND);
      limit = timeoutAddress;
    }
    try {
      return Math.max(0, (int) WAIT.invokeExact(fd, readyAddress, CAPACITY, limit, 0L));
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** The {@code data} of the i-th event of the last {@link #await}. */
  public long data(int i) {
    return ready.get(ValueLayout.JAVA_LONG_UNALIGNED, (long) i * EVENT_SIZE + DATA_OFFSET);
  }

  /** What happened in the i-th event of the last {@link #await}. */
  public int events(int i) {
    return ready.get(ValueLayout.JAVA_INT_UNALIGNED, (long) i * EVENT_SIZE);
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      FileDescriptors.close(fd);
    }
  }
}
