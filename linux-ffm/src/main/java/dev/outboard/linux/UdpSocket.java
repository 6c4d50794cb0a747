package dev.outboard.linux;

import static dev.outboard.linux.InternetSockets.IPV6_V6ONLY;
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
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.ref.Reference;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;

/**
 * A UDP socket, non-blocking, for tunnels between hosts. Options are set before {@link #bind}; all
 * of that is cold, and any thread's. {@link #send}, {@link #receive} and {@link #drops} are hot;
 * they are for one thread at a time.
 */
public final class UdpSocket implements AutoCloseable {
  /** What happens to a datagram that is longer than the interface's MTU. */
  public enum Oversize {
    /** EMSGSIZE. What routers on the way may say of smaller MTUs is not believed. */
    REFUSE(4),
    /** It leaves in fragments. */
    FRAGMENT(5);

    private final int pathMtuDiscovery;

    Oversize(int pathMtuDiscovery) {
      this.pathMtuDiscovery = pathMtuDiscovery;
    }
  }

  private static final int SO_REUSEPORT = 15;
  private static final int SO_BINDTODEVICE = 25;
  private static final int SO_ATTACH_FILTER = 26;
  private static final int SO_SNDBUFFORCE = 32;
  private static final int SO_RCVBUFFORCE = 33;
  private static final int SO_MEMINFO = 55;

  private static final int IP_MTU_DISCOVER = 10;
  private static final int IPV6_MTU_DISCOVER = 23;

  private static final int SOL_UDP = 17;
  private static final int UDP_NO_CHECK6_RX = 102;
  private static final int UDP_GRO = 104;

  /** The only instruction of a filter that keeps nothing: return 0. */
  private static final int BPF_RETURN = 6;

  private static final int FILTER_PROGRAM_SIZE = 16;

  private static final int MEMORY_INFO_FIELDS = 9;
  private static final int MEMORY_INFO_DROPS = 8;

  private static final MethodHandle GETSOCKNAME =
      Native.bind("getsockname", INT, INT, POINTER, POINTER);

  /** Plain: it is on the way of frames, and seldom enough that the compiler may leave it out. */
  private static final MethodHandle GETSOCKOPT =
      Native.bindPlain("getsockopt", INT, INT, INT, INT, POINTER, POINTER);

  private static final MethodHandle SENDMSG = Native.bind("sendmsg", LONG, INT, POINTER, INT);
  private static final MethodHandle RECVMSG = Native.bind("recvmsg", LONG, INT, POINTER, INT);

  private final boolean ipv6;
  private final int fd;

  /** The kernel's figures about the socket, and behind them their size. */
  private final MemorySegment memoryInfo =
      Arena.ofAuto().allocate((MEMORY_INFO_FIELDS + 1L) * Integer.BYTES, Long.BYTES);

  private boolean closed;

  /** A socket for this address and others of its family; one for IPv6 takes no IPv4. */
  public UdpSocket(InetAddress local) throws LinuxException {
    ipv6 = local instanceof Inet6Address;
    fd =
        LinuxException.check(
            InternetSockets.create(local, InternetSockets.SOCK_DGRAM), "create a UDP socket");
    if (ipv6) {
      set(SOL_IPV6, IPV6_V6ONLY, 1, "keep a UDP socket to IPv6");
    }
  }

  /** The descriptor; the socket's own. */
  public int fd() {
    return fd;
  }

  /** Other sockets of this user may have the same port; datagrams are spread by flow. */
  public void sharePort() throws LinuxException {
    set(SOL_SOCKET, SO_REUSEPORT, 1, "share a UDP port");
  }

  /** Sends and receives by this device alone. */
  public void bindToDevice(String device) throws LinuxException {
    byte[] name = device.getBytes(StandardCharsets.UTF_8);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocateFrom(ValueLayout.JAVA_BYTE, name);
      set(SOL_SOCKET, SO_BINDTODEVICE, text, "bind a UDP socket to device " + device);
    }
  }

  /**
   * Asks for room for datagrams that have arrived. The kernel counts its own overhead too, doubles
   * the number for that, and keeps to net.core.rmem_max unless this process has CAP_NET_ADMIN.
   *
   * @return what it gives, before doubling
   */
  public int receiveBuffer(int bytes) throws LinuxException {
    return buffer(SO_RCVBUFFORCE, SO_RCVBUF, bytes, "set the receive buffer of a UDP socket");
  }

  /** As {@link #receiveBuffer}, for datagrams that have not left (net.core.wmem_max). */
  public int sendBuffer(int bytes) throws LinuxException {
    return buffer(SO_SNDBUFFORCE, SO_SNDBUF, bytes, "set the send buffer of a UDP socket");
  }

  private int buffer(int force, int option, int bytes, String operation) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocateFrom(INT, bytes);
      if (setOption(SOL_SOCKET, force, value) < 0) {
        set(SOL_SOCKET, option, value, operation);
      }
    }
    return LinuxException.check(FileDescriptors.socketOption(fd, option), operation) / 2;
  }

  /** Says what happens to datagrams that are too long for the interface. */
  public void oversize(Oversize what) throws LinuxException {
    int level = ipv6 ? SOL_IPV6 : SOL_IP;
    int option = ipv6 ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER;
    set(level, option, what.pathMtuDiscovery, "set path MTU discovery of a UDP socket");
  }

  /**
   * Takes datagrams of one flow and size as one message, with their size in a control message: see
   * {@link ReceivedMessages#segmentSize}.
   */
  public void receiveCoalesced() throws LinuxException {
    set(SOL_UDP, UDP_GRO, 1, "receive coalesced UDP datagrams");
  }

  /** Takes datagrams over IPv6 without a checksum, too; IPv4 has always allowed that. */
  public void acceptMissingChecksums() throws LinuxException {
    if (ipv6) {
      set(SOL_UDP, UDP_NO_CHECK6_RX, 1, "accept UDP datagrams without checksums");
    }
  }

  /** Drops all that arrives: for a socket that sends only, so that nobody can fill its memory. */
  public void sendOnly() throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment filter = arena.allocate(8, Long.BYTES);
      filter.set(ValueLayout.JAVA_SHORT, 0, (short) BPF_RETURN);
      MemorySegment program = arena.allocate(FILTER_PROGRAM_SIZE, Long.BYTES);
      program.set(ValueLayout.JAVA_SHORT, 0, (short) 1);
      program.set(LONG, 8, filter.address());
      set(SOL_SOCKET, SO_ATTACH_FILTER, program, "make a UDP socket send only");
    }
  }

  private void set(int level, int option, int value, String operation) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      set(level, option, arena.allocateFrom(INT, value), operation);
    }
  }

  private void set(int level, int option, MemorySegment value, String operation)
      throws LinuxException {
    LinuxException.check(setOption(level, option, value), operation);
  }

  private int setOption(int level, int option, MemorySegment value) {
    return InternetSockets.setOption(fd, level, option, value);
  }

  /** Gives the socket an address of this host; port 0 is any free one. */
  public void bind(InetAddress local, int port) throws LinuxException {
    LinuxException.check(
        InternetSockets.bind(fd, local, port),
        "bind UDP port " + port + " of " + local.getHostAddress());
  }

  /** The port that {@link #bind} has given. */
  public int localPort() throws LinuxException {
    MemorySegment state = Native.callState();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocate(InternetAddress.SIZE, Integer.BYTES);
      long size = arena.allocateFrom(INT, InternetAddress.SIZE).address();
      int result =
          Native.check((int) GETSOCKNAME.invokeExact(state, fd, name.address(), size), state);
      LinuxException.check(result, "read the address of a UDP socket");
      return InternetAddress.port(name, 0);
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  /** Sends one message: bytes sent or the negated error number. See {@link OutgoingMessages}. */
  public long send(long message, int flags) {
    MemorySegment state = Native.callState();
    try {
      return Native.check((long) SENDMSG.invokeExact(state, fd, message, flags), state);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  /** Receives one message into the memory of a {@code struct msghdr}: as {@link #send}. */
  public long receive(long message, int flags) {
    MemorySegment state = Native.callState();
    try {
      return Native.check((long) RECVMSG.invokeExact(state, fd, message, flags), state);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  /**
   * How many datagrams the kernel has dropped so far, since this socket had no room for them or
   * their checksum was wrong; a counter of 32 bits. -1 if it can't be told.
   */
  public long drops() {
    long size = (long) MEMORY_INFO_FIELDS * Integer.BYTES;
    memoryInfo.set(INT, size, (int) size);
    try {
      long address = memoryInfo.address();
      int result =
          (int) GETSOCKOPT.invokeExact(fd, SOL_SOCKET, SO_MEMINFO, address, address + size);
      return result < 0 ? -1 : memoryInfo.getAtIndex(INT, MEMORY_INFO_DROPS) & 0xffff_ffffL;
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      FileDescriptors.close(fd);
    }
  }
}
