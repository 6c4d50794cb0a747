package dev.outboard.linux;

import static dev.outboard.linux.Native.INT;
import static dev.outboard.linux.Native.LONG;
import static dev.outboard.linux.Native.POINTER;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What can be done to any file descriptor, and what kind of thing one is: the VMM hands us
 * descriptors, and each is refused unless it is of the kind its message calls for. Cold; any
 * thread.
 */
public final class FileDescriptors {
  /** What a descriptor refers to, as far as the project cares. */
  public enum Kind {
    /** An anonymous eventfd. */
    EVENTFD,
    /** A stream socket of the Unix domain. */
    STREAM_SOCKET,
    /** An anonymous pipe, either end. */
    PIPE,
    /** A regular file in memory: memfd, tmpfs or hugetlbfs. */
    MEMORY_FILE,
    /** Everything else. */
    OTHER
  }

  private static final int O_WRONLY = 1;
  static final int O_NONBLOCK = 0x800;
  static final int O_CLOEXEC = 0x80000;

  private static final int F_GETFL = 3;
  private static final int F_SETFL = 4;
  private static final int F_DUPFD_CLOEXEC = 1030;
  private static final int SOL_SOCKET = 1;
  private static final int SO_TYPE = 3;
  private static final int SO_DOMAIN = 39;
  private static final int SOCK_STREAM = 1;
  private static final int AF_UNIX = 1;

  private static final MethodHandle CLOSE = Native.bind("close", INT, INT);
  private static final MethodHandle OPEN = Native.bindVariadic("open", 2, INT, POINTER, INT, INT);
  private static final MethodHandle FCNTL = Native.bindVariadic("fcntl", 2, INT, INT, INT, LONG);
  private static final MethodHandle GETSOCKOPT =
      Native.bind("getsockopt", INT, INT, INT, INT, POINTER, POINTER);

  private FileDescriptors() {}

  /** Closes it. Failures are ignored: Linux frees the descriptor in every case. */
  public static void close(int fd) {
    try {
      int _ = (int) CLOSE.invokeExact(Native.callState(), fd);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  /**
   * Closes a descriptor that another process has made and given to us, or its connection. That can
   * take as long as the other likes, so it happens soon, on a thread of its own; but for an eventfd
   * or a memory file, which can't wait, at once.
   */
  public static void closeForeign(int fd) {
    switch (kind(fd)) {
      case EVENTFD, MEMORY_FILE -> close(fd);
      default -> ForeignCloser.close(fd);
    }
  }

  /** Opens a file of the system with these flags (close-on-exec is added); the caller closes it. */
  static int open(String path, int flags) throws LinuxException {
    MemorySegment state = Native.callState();
    try (Arena arena = Arena.ofConfined()) {
      long name = Native.string(arena, path).address();
      int fd = Native.check((int) OPEN.invokeExact(state, name, flags | O_CLOEXEC, 0), state);
      return LinuxException.check(fd, "open " + path);
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  /**
   * Opens the pipe behind a descriptor anew for writing, non-blocking and close-on-exec; the caller
   * closes it. Its mode is nobody else's.
   */
  public static int reopenPipe(int fd) throws LinuxException {
    return open("/proc/self/fd/" + fd, O_WRONLY | O_NONBLOCK);
  }

  /** A second descriptor (close-on-exec) of the same open file; the caller closes it. */
  public static int duplicate(int fd) throws LinuxException {
    return LinuxException.check(control(fd, F_DUPFD_CLOEXEC, 0), "duplicate descriptor " + fd);
  }

  /** Sets O_NONBLOCK. It sits on the shared open file: whoever else holds it can flip it back. */
  public static void setNonBlocking(int fd) throws LinuxException {
    int flags = LinuxException.check(control(fd, F_GETFL, 0), "read flags of descriptor " + fd);
    if ((flags & O_NONBLOCK) == 0) {
      LinuxException.check(
          control(fd, F_SETFL, flags | O_NONBLOCK), "make descriptor " + fd + " non-blocking");
    }
  }

  /** Clears O_NONBLOCK. */
  public static void setBlocking(int fd) throws LinuxException {
    int flags = LinuxException.check(control(fd, F_GETFL, 0), "read flags of descriptor " + fd);
    LinuxException.check(
        control(fd, F_SETFL, flags & ~O_NONBLOCK), "make descriptor " + fd + " blocking");
  }

  /** Whether O_NONBLOCK is set at this moment. */
  public static boolean isNonBlocking(int fd) throws LinuxException {
    int flags = LinuxException.check(control(fd, F_GETFL, 0), "read flags of descriptor " + fd);
    return (flags & O_NONBLOCK) != 0;
  }

  /**
   * The kind of thing a descriptor is. A path can't pretend to be an eventfd, socket or pipe: those
   * links have no leading slash. A descriptor that is not open is OTHER. Never waits: no question
   * goes to the file system that a file is on.
   */
  public static Kind kind(int fd) {
    String target;
    try {
      target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd)).toString();
    } catch (IOException | RuntimeException e) {
      return Kind.OTHER;
    }
    if (target.equals("anon_inode:[eventfd]")) {
      return Kind.EVENTFD;
    }
    if (target.startsWith("socket:[")) {
      return socketOption(fd, SO_DOMAIN) == AF_UNIX && socketOption(fd, SO_TYPE) == SOCK_STREAM
          ? Kind.STREAM_SOCKET
          : Kind.OTHER;
    }
    if (target.startsWith("pipe:[")) {
      return Kind.PIPE;
    }
    return MemoryFile.isMemoryBacked(fd) ? Kind.MEMORY_FILE : Kind.OTHER;
  }

  /** {@code fcntl(2)}: the result or the negated error number. */
  static int control(int fd, int command, long argument) {
    MemorySegment state = Native.callState();
    try {
      return Native.check((int) FCNTL.invokeExact(state, fd, command, argument), state);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  /** An integer option of the socket level, or the negated error number. */
  static int socketOption(int fd, int option) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(INT);
      int result = socketOption(fd, option, value);
      return result < 0 ? result : value.get(INT, 0);
    }
  }

  /** Fills {@code value} with an option of the socket level: 0 or the negated error number. */
  static int socketOption(int fd, int option, MemorySegment value) {
    MemorySegment state = Native.callState();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment size = arena.allocateFrom(INT, (int) value.byteSize());
      return Native.check(
          (int)
              GETSOCKOPT.invokeExact(
                  state, fd, SOL_SOCKET, option, value.address(), size.address()),
          state);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }
}
