package dev.outboard.linux;

import static dev.outboard.linux.Native.INT;
import static dev.outboard.linux.Native.POINTER;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Puts a listening socket at a path. Private to the package, see {@link UnixSocket#listen}; cold;
 * any thread.
 *
 * <p>The socket is bound under a name of its own, given its mode, set listening, and only then
 * renamed to its place: whoever sees the file can connect, with the right mode, at once. Tools such
 * as {@code ss} go on to show the first name.
 */
final class UnixListener {
  private static final int AF_UNIX = 1;
  private static final int SOCK_STREAM = 1;
  private static final int SOCK_NONBLOCK = 0x800;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int FAMILY_SIZE = 2;

  /** {@code sun_path}, less its closing NUL. */
  private static final int LONGEST_PATH = 107;

  private static final MethodHandle SOCKET = Native.bind("socket", INT, INT, INT, INT);
  private static final MethodHandle BIND = Native.bind("bind", INT, INT, POINTER, INT);
  private static final MethodHandle LISTEN = Native.bind("listen", INT, INT, INT);
  private static final MethodHandle CONNECT = Native.bind("connect", INT, INT, POINTER, INT);
  private static final MethodHandle CHMOD = Native.bind("chmod", INT, POINTER, INT);
  private static final MethodHandle FCHMOD = Native.bind("fchmod", INT, INT, INT);

  private static final AtomicInteger SERIAL = new AtomicInteger();

  private UnixListener() {}

  static int listen(Path path, int mode, int backlog) throws LinuxException {
    byte[] _ = nameOf(path);
    checkFree(path);
    long unique = ProcessHandle.current().pid() * 1000 + SERIAL.getAndIncrement() % 1000;
    Path first = path.resolveSibling("." + Long.toString(unique, Character.MAX_RADIX));
    int fd = socket(SOCK_NONBLOCK);
    try {
      // The mode of an unbound socket limits that of the file which bind() creates.
      LinuxException.check(changeMode(fd, mode), "set the mode of the socket for " + path);
      LinuxException.check(withAddress(BIND, fd, first), "bind a socket in the place of " + path);
      LinuxException.check(changeMode(first, mode), "set the mode of " + path);
      LinuxException.check(listen(fd, backlog), "listen at " + path);
      Files.move(first, path, StandardCopyOption.ATOMIC_MOVE);
      return fd;
    } catch (IOException e) {
      FileDescriptors.close(fd);
      deleteQuietly(first);
      if (e instanceof LinuxException linux) {
        throw linux;
      }
      throw new LinuxException("cannot put a socket at " + path + ": " + e, Errno.EIO, e);
    }
  }

  /** Throws unless there is nothing at the path, or a socket where nobody listens. */
  private static void checkFree(Path path) throws LinuxException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    int probe = socket(SOCK_NONBLOCK);
    int result = connect(probe, path);
    FileDescriptors.close(probe);
    if (result == -Errno.ECONNREFUSED && isSocket(path)) {
      return;
    }
    String why =
        isSocket(path)
            ? "another process listens there; stop it or choose another path"
            : "there is a file of that name which is not a socket";
    throw new LinuxException("listen at " + path + ": " + why, Errno.EADDRINUSE, null);
  }

  private static boolean isSocket(Path path) throws LinuxException {
    try {
      int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
      return (mode & 0xf000) == 0xc000;
    } catch (IOException e) {
      throw new LinuxException("cannot look at " + path + ": " + e, Errno.EIO, e);
    }
  }

  private static void deleteQuietly(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      // The cause that brought us here is reported; this file is a nameless leftover.
      return;
    }
  }

  static int socket(int flags) throws LinuxException {
    MemorySegment state = Native.callState();
    int fd;
    try {
      fd =
          Native.check(
              (int) SOCKET.invokeExact(state, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0),
              state);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
    return LinuxException.check(fd, "create a Unix socket");
  }

  /** 0 or the negated error number; throws only for a path that is too long. */
  static int connect(int fd, Path path) throws LinuxException {
    return withAddress(CONNECT, fd, path);
  }

  /** The path's bytes, if they fit an address. */
  static byte[] nameOf(Path path) throws LinuxException {
    byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
    if (name.length > LONGEST_PATH) {
      throw new LinuxException(
          "socket path too long: %d bytes, at most %d fit: %s"
              .formatted(name.length, LONGEST_PATH, path),
          Errno.ENAMETOOLONG,
          null);
    }
    return name;
  }

  /** Calls bind or connect with a sockaddr_un. */
  private static int withAddress(MethodHandle call, int fd, Path path) throws LinuxException {
    byte[] name = nameOf(path);
    MemorySegment state = Native.callState();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address = arena.allocate(FAMILY_SIZE + LONGEST_PATH + 1, Short.BYTES);
      address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
      MemorySegment.copy(name, 0, address, ValueLayout.JAVA_BYTE, FAMILY_SIZE, name.length);
      int size = FAMILY_SIZE + name.length + 1;
      return Native.check((int) call.invokeExact(state, fd, address.address(), size), state);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  private static int listen(int fd, int backlog) {
    MemorySegment state = Native.callState();
    try {
      return Native.check((int) LISTEN.invokeExact(state, fd, backlog), state);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  private static int changeMode(int fd, int mode) {
    MemorySegment state = Native.callState();
    try {
      return Native.check((int) FCHMOD.invokeExact(state, fd, mode), state);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  /** Adds what the umask took away. */
  private static int changeMode(Path path, int mode) {
    MemorySegment state = Native.callState();
    try (Arena arena = Arena.ofConfined()) {
      long name = Native.string(arena, path.toString()).address();
      return Native.check((int) CHMOD.invokeExact(state, name, mode), state);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }
}
