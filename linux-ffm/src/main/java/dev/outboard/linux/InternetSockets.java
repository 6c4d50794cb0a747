package dev.outboard.linux;

import static dev.outboard.linux.Native.INT;
import static dev.outboard.linux.Native.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.net.Inet6Address;
import java.net.InetAddress;

/**
 * What UDP and TCP sockets are made with. For {@link UdpSocket} and {@link TcpSocket}; cold.
 * Results are negated error numbers, or 0 or more.
 */
final class InternetSockets {
  static final int SOL_SOCKET = 1;
  static final int SOL_IP = 0;
  static final int SOL_IPV6 = 41;
  static final int SO_SNDBUF = 7;
  static final int SO_RCVBUF = 8;
  static final int IPV6_V6ONLY = 26;

  static final int SOCK_STREAM = 1;
  static final int SOCK_DGRAM = 2;
  static final int SOCK_NONBLOCK = 0x800;
  static final int SOCK_CLOEXEC = 0x80000;

  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;

  private static final MethodHandle SOCKET = Native.bind("socket", INT, INT, INT, INT);
  private static final MethodHandle BIND = Native.bind("bind", INT, INT, POINTER, INT);
  private static final MethodHandle SETSOCKOPT =
      Native.bind("setsockopt", INT, INT, INT, INT, POINTER, INT);

  private InternetSockets() {}

  /** A socket of the address's family that never waits: its descriptor. */
  static int create(InetAddress address, int type) {
    int family = address instanceof Inet6Address ? AF_INET6 : AF_INET;
    MemorySegment state = Native.callState();
    try {
      return Native.check(
          (int) SOCKET.invokeExact(state, family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), state);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  static int bind(int fd, InetAddress address, int port) {
    return withAddress(BIND, fd, address, port);
  }

  /** Calls a function that takes a descriptor, an address and its size. */
  static int withAddress(MethodHandle function, int fd, InetAddress address, int port) {
    MemorySegment state = Native.callState();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocate(InternetAddress.SIZE, Integer.BYTES);
      int size = InternetAddress.write(name, 0, address, port);
      return Native.check((int) function.invokeExact(state, fd, name.address(), size), state);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  static int setOption(int fd, int level, int option, MemorySegment value) {
    MemorySegment state = Native.callState();
    try {
      return Native.check(
          (int)
              SETSOCKOPT.invokeExact(
                  state, fd, level, option, value.address(), (int) value.byteSize()),
          state);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }
}
