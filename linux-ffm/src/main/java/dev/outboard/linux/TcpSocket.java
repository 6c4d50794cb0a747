package dev.outboard.linux;

import static dev.outboard.linux.InternetSockets.IPV6_V6ONLY;
import static dev.outboard.linux.InternetSockets.SOCK_CLOEXEC;
import static dev.outboard.linux.InternetSockets.SOCK_NONBLOCK;
import static dev.outboard.linux.InternetSockets.SOL_IP;
import static dev.outboard.linux.InternetSockets.SOL_IPV6;
import static dev.outboard.linux.InternetSockets.SOL_SOCKET;
import static dev.outboard.linux.InternetSockets.SO_RCVBUF;
import static dev.outboard.linux.InternetSockets.SO_SNDBUF;
import static dev.outboard.linux.Native.INT;
import static dev.outboard.linux.Native.LONG;
import static dev.outboard.linux.Native.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.net.Inet6Address;
import java.net.InetAddress;

/**
 * A TCP socket, non-blocking: one that listens, or one end of a connection. All but {@link #send}
 * and {@link #receive} is cold and any thread's; those two are hot, for one thread at a time.
 */
public final class TcpSocket implements AutoCloseable {
  /** For {@link #priority}: what is sent by interactive programs. */
  public static final int INTERACTIVE = 6;

  /** For {@link #priority}: what a socket has at first. */
  public static final int BEST_EFFORT = 0;

  /** For {@link #priority}: what may wait. */
  public static final int BULK = 2;

  private static final int SO_REUSEADDR = 2;
  private static final int SO_ERROR = 4;
  private static final int SO_KEEPALIVE = 9;
  private static final int SO_PRIORITY = 12;
  private static final int SO_LINGER = 13;
  private static final int IP_BIND_ADDRESS_NO_PORT = 24;
  private static final int IPPROTO_TCP = 6;
  private static final int TCP_NODELAY = 1;
  private static final int TCP_KEEPIDLE = 4;
  private static final int TCP_KEEPINTVL = 5;
  private static final int TCP_USER_TIMEOUT = 18;
  private static final int SHUT_WR = 1;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int MSG_NOSIGNAL = 0x4000;

  private static final MethodHandle LISTEN = Native.bind("listen", INT, INT, INT);
  private static final MethodHandle CONNECT = Native.bind("connect", INT, INT, POINTER, INT);
  private static final MethodHandle ACCEPT =
      Native.bind("accept4", INT, INT, POINTER, POINTER, INT);
  private static final MethodHandle SHUTDOWN = Native.bind("shutdown", INT, INT, INT);
  private static final MethodHandle SENDMSG = Native.bind("sendmsg", LONG, INT, POINTER, INT);

  private final int fd;
  private final InetAddress peer;
  private boolean closed;

  private TcpSocket(int fd, InetAddress peer) {
    this.fd = fd;
    this.peer = peer;
  }

  private static TcpSocket create(InetAddress address, InetAddress peer) throws LinuxException {
    int result = InternetSockets.create(address, InternetSockets.SOCK_STREAM);
    return new TcpSocket(LinuxException.check(result, "create a TCP socket"), peer);
  }

  /** Listens at this address, where nobody else does. */
  public static TcpSocket listen(InetAddress address, int port, int backlog) throws LinuxException {
    TcpSocket socket = create(address, null);
    try {
      socket.set(SOL_SOCKET, SO_REUSEADDR, 1);
      if (address instanceof Inet6Address) {
        socket.set(SOL_IPV6, IPV6_V6ONLY, 1);
      }
      String what = "listen at TCP port " + port + " of " + address.getHostAddress();
      LinuxException.check(InternetSockets.bind(socket.fd, address, port), what);
      LinuxException.check(socket.call(LISTEN, backlog), what);
      return socket;
    } catch (LinuxException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  /**
   * Begins to connect. When the socket has become writable, {@link #error} says how it went.
   *
   * @param local the address to connect from
   */
  public static TcpSocket connect(InetAddress local, InetAddress peer, int port)
      throws LinuxException {
    TcpSocket socket = create(peer, peer);
    try {
      String what = "connect to TCP port " + port + " of " + peer.getHostAddress();
      if (!(local instanceof Inet6Address)) {
        // The port is chosen at connect, so it need be free for this peer only.
        socket.set(SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1);
      }
      LinuxException.check(InternetSockets.bind(socket.fd, local, 0), what);
      int result = InternetSockets.withAddress(CONNECT, socket.fd, peer, port);
      LinuxException.check(result == -Errno.EINPROGRESS ? 0 : result, what);
      return socket;
    } catch (LinuxException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  /** A connection that has come in, or null if there is none. */
  public TcpSocket accept() throws LinuxException {
    MemorySegment state = Native.callState();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocate(InternetAddress.SIZE, Integer.BYTES);
      long size = arena.allocateFrom(INT, InternetAddress.SIZE).address();
      int result =
          Native.check(
              (int)
                  ACCEPT.invokeExact(state, fd, name.address(), size, SOCK_NONBLOCK | SOCK_CLOEXEC),
              state);
      if (result == -Errno.EAGAIN || result == -Errno.ECONNABORTED || result == -Errno.EINTR) {
        return null;
      }
      return new TcpSocket(
          LinuxException.check(result, "accept a connection"), InternetAddress.host(name, 0));
    } catch (LinuxException | RuntimeException e) {
      throw e;
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  private int call(MethodHandle function, int argument) {
    MemorySegment state = Native.callState();
    try {
      return Native.check((int) function.invokeExact(state, fd, argument), state);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  private void set(int level, int option, int value) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      set(level, option, arena.allocateFrom(INT, value));
    }
  }

  private void set(int level, int option, MemorySegment value) throws LinuxException {
    int result = InternetSockets.setOption(fd, level, option, value);
    LinuxException.check(result, "set option " + option + " of a TCP socket");
  }

  /** The descriptor; the socket's own. */
  public int fd() {
    return fd;
  }

  /** The address at the other end; null of one that listens. */
  public InetAddress peer() {
    return peer;
  }

  /** Takes the error that the socket has: 0, or a positive error number. */
  public int error() {
    int error = FileDescriptors.socketOption(fd, SO_ERROR);
    return error < 0 ? -error : error;
  }

  /** Sends at once what is written, however little. */
  public void noDelay() throws LinuxException {
    set(IPPROTO_TCP, TCP_NODELAY, 1);
  }

  /**
   * Ends the connection (ETIMEDOUT) when the other side has acknowledged nothing, or had no room,
   * for so long. Asks a silent one whether it is there after half of that.
   */
  public void failAfter(int millis) throws LinuxException {
    set(SOL_SOCKET, SO_KEEPALIVE, 1);
    set(IPPROTO_TCP, TCP_KEEPIDLE, Math.max(1, millis / 2000));
    set(IPPROTO_TCP, TCP_KEEPINTVL, Math.max(1, millis / 4000));
    set(IPPROTO_TCP, TCP_USER_TIMEOUT, millis);
  }

  /** Asks for room for bytes in each direction, instead of what the kernel finds right. */
  public void buffers(int bytes) throws LinuxException {
    set(SOL_SOCKET, SO_SNDBUF, bytes);
    set(SOL_SOCKET, SO_RCVBUF, bytes);
  }

  /**
   * Says how urgent what is sent is, as the queues of devices see it (tc-prio(8)); 0 to 6 need no
   * privilege.
   */
  public void priority(int value) throws LinuxException {
    set(SOL_SOCKET, SO_PRIORITY, value);
  }

  /** Has {@link #close} reset the connection, so that nothing is left of it. */
  public void resetAtClose() throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      set(SOL_SOCKET, SO_LINGER, arena.allocateFrom(INT, 1, 0));
    }
  }

  /** Tells the other side that nothing more will be sent. One that is gone is no error. */
  public void shutdownOutput() {
    int _ = call(SHUTDOWN, SHUT_WR);
  }

  /**
   * Sends from the places that a message names ({@link OutgoingMessages#address}): bytes that the
   * kernel has taken, or the negated error number. Never waits.
   */
  public long send(long message) {
    MemorySegment state = Native.callState();
    try {
      return Native.check(
          (long) SENDMSG.invokeExact(state, fd, message, MSG_DONTWAIT | MSG_NOSIGNAL), state);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  /** Bytes received, 0 at the end of the stream, or the negated error number. Never waits. */
  public long receive(long address, long length) {
    return Io.read(fd, address, length);
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      FileDescriptors.close(fd);
    }
  }
}
