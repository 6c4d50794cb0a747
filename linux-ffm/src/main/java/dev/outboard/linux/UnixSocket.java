package dev.outboard.linux;

import static dev.outboard.linux.Native.INT;
import static dev.outboard.linux.Native.LONG;
import static dev.outboard.linux.Native.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.ref.Reference;
import java.nio.file.Path;

/**
 * Stream sockets of the Unix domain, with descriptors travelling beside the bytes: how VMMs reach
 * us. {@link #accept}, {@link #sendWithFds} and {@link #receiveWithFds} never throw; the rest is
 * cold. Any thread; one {@link ReceivedFds} serves one thread at a time.
 */
public final class UnixSocket {
  static final int SOL_SOCKET = 1;
  static final int SCM_RIGHTS = 1;
  static final int MSG_CTRUNC = 8;

  /** Offsets in {@code struct msghdr}; the iovec pointer and count are at 16 and 24. */
  static final int MESSAGE_SIZE = 56;

  static final int CONTROL_POINTER = 32;
  static final int CONTROL_LENGTH = 40;
  static final int MESSAGE_FLAGS = 48;

  /** {@code struct cmsghdr}: the length at 0, the level at 8, the type at 12. */
  static final int CONTROL_HEADER = 16;

  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int MSG_CMSG_CLOEXEC = 0x40000000;
  private static final int AF_UNIX = 1;
  private static final int SOCK_STREAM = 1;
  private static final int SOCK_NONBLOCK = 0x800;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int SO_PEERCRED = 17;

  private static final MethodHandle SOCKETPAIR =
      Native.bind("socketpair", INT, INT, INT, INT, POINTER);
  private static final MethodHandle ACCEPT4 =
      Native.bind("accept4", INT, INT, POINTER, POINTER, INT);
  private static final MethodHandle SENDMSG = Native.bind("sendmsg", LONG, INT, POINTER, INT);
  private static final MethodHandle RECVMSG = Native.bind("recvmsg", LONG, INT, POINTER, INT);

  private UnixSocket() {}

  /**
   * Listens at a path; the caller closes the socket and deletes the file. The socket is
   * non-blocking. The file appears with its mode set and connections already accepted. A stale
   * file, where nobody listens any more, is replaced; a live one is an error.
   */
  public static int listen(Path path, int mode, int backlog) throws LinuxException {
    return UnixListener.listen(path, mode, backlog);
  }

  /** The next connection: a non-blocking descriptor, or the negated error number. */
  public static int accept(int listenFd) {
    MemorySegment state = Native.callState();
    try {
      return Native.check(
          (int) ACCEPT4.invokeExact(state, listenFd, 0L, 0L, SOCK_NONBLOCK | SOCK_CLOEXEC), state);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  /** A connection to whoever listens there. It is blocking; the caller closes it. */
  public static int connect(Path path) throws LinuxException {
    int fd = UnixListener.socket(0);
    try {
      LinuxException.check(UnixListener.connect(fd, path), "connect to " + path);
      return fd;
    } catch (LinuxException e) {
      FileDescriptors.close(fd);
      throw e;
    }
  }

  /** Two connected sockets, blocking; the caller closes both. */
  public static int[] pair() throws LinuxException {
    MemorySegment state = Native.callState();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pair = arena.allocate(INT, 2);
      int result =
          Native.check(
              (int)
                  SOCKETPAIR.invokeExact(
                      state, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.address()),
              state);
      LinuxException.check(result, "create a socket pair");
      return pair.toArray(INT);
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  /**
   * Sends bytes, and with the first of them the first {@code fdCount} descriptors of the array,
   * which stay the caller's. Returns the bytes sent (perhaps fewer than asked: the descriptors are
   * gone then, send the rest without) or the negated error number. Waits if the socket is blocking.
   */
  public static long sendWithFds(int fd, long address, long length, int[] fds, int fdCount) {
    MemorySegment state = Native.callState();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment message = arena.allocate(MESSAGE_SIZE, Long.BYTES);
      MemorySegment iovec = arena.allocate(Io.IOVEC_SIZE, Long.BYTES);
      fillMessage(message, iovec, address, length);
      if (fdCount > 0) {
        MemorySegment control = arena.allocate(controlSpace(fdCount), Long.BYTES);
        control.set(LONG, 0, CONTROL_HEADER + 4L * fdCount);
        control.set(INT, 8, SOL_SOCKET);
        control.set(INT, 12, SCM_RIGHTS);
        MemorySegment.copy(fds, 0, control, INT, CONTROL_HEADER, fdCount);
        message.set(LONG, CONTROL_POINTER, control.address());
        message.set(LONG, CONTROL_LENGTH, control.byteSize());
      }
      return Native.check(
          (long) SENDMSG.invokeExact(state, fd, message.address(), MSG_NOSIGNAL), state);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  /**
   * Receives bytes and the descriptors that came with them (close-on-exec); descriptors left in
   * {@code into} from before are closed first. Returns the bytes, 0 if the peer has closed, or the
   * negated error number. Waits if the socket is blocking.
   */
  public static long receiveWithFds(int fd, long address, long length, ReceivedFds into) {
    long message = into.prepare(address, length);
    MemorySegment state = Native.callState();
    try {
      long received =
          Native.check((long) RECVMSG.invokeExact(state, fd, message, MSG_CMSG_CLOEXEC), state);
      if (received >= 0) {
        into.collect();
      }
      return received;
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    } finally {
      Reference.reachabilityFence(into);
    }
  }

  /** Who connected, or who listens, as the kernel recorded it. */
  public static PeerCredentials peerCredentials(int fd) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment credentials = arena.allocate(INT, 3);
      LinuxException.check(
          FileDescriptors.socketOption(fd, SO_PEERCRED, credentials),
          "peer credentials of descriptor " + fd);
      return new PeerCredentials(
          credentials.getAtIndex(INT, 0),
          credentials.getAtIndex(INT, 1),
          credentials.getAtIndex(INT, 2));
    }
  }

  /** The room that a control message with this many descriptors takes. */
  static int controlSpace(int fdCount) {
    return CONTROL_HEADER + ((4 * fdCount + 7) & ~7);
  }

  /** A msghdr with one iovec and no control message. */
  static void fillMessage(MemorySegment message, MemorySegment iovec, long address, long length) {
    iovec.set(LONG, 0, address);
    iovec.set(LONG, 8, length);
    message.fill((byte) 0);
    message.set(LONG, 16, iovec.address());
    message.set(LONG, 24, 1L);
  }
}
