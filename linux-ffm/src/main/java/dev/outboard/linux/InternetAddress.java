package dev.outboard.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;

/**
 * IP addresses with a port, as the kernel wants them ({@code sockaddr_in}, {@code sockaddr_in6}).
 * Reading is hot, writing is not. Any thread.
 *
 * <pre>
 *   IPv4   family (2)  port (2)  address (4)  zero (8)
 *   IPv6   family (2)  port (2)  flow (4)     address (16)  scope (4)
 * </pre>
 */
public final class InternetAddress {
  /** Room for an address of either family. */
  public static final int SIZE = 28;

  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int SIZE4 = 16;
  private static final int PORT = 2;
  private static final int ADDRESS4 = 4;
  private static final int ADDRESS6 = 8;
  private static final int SCOPE = 24;

  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  private static final ValueLayout.OfShort NETWORK_SHORT = SHORT.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt NETWORK_INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong NETWORK_LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private InternetAddress() {}

  /** Writes an address; returns its size. */
  public static int write(MemorySegment memory, long at, InetAddress address, int port) {
    byte[] bytes = address.getAddress();
    memory.asSlice(at, SIZE).fill((byte) 0);
    memory.set(NETWORK_SHORT, at + PORT, (short) port);
    if (address instanceof Inet6Address inet6) {
      memory.set(SHORT, at, (short) AF_INET6);
      MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, at + ADDRESS6, bytes.length);
      memory.set(ValueLayout.JAVA_INT_UNALIGNED, at + SCOPE, inet6.getScopeId());
      return SIZE;
    }
    memory.set(SHORT, at, (short) AF_INET);
    MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, at + ADDRESS4, bytes.length);
    return SIZE4;
  }

  /** The port of the address there. */
  public static int port(MemorySegment memory, long at) {
    return memory.get(NETWORK_SHORT, at + PORT) & 0xffff;
  }

  /** The upper half of an IPv6 address, 0 for IPv4. */
  public static long high(MemorySegment memory, long at) {
    return isIpv6(memory, at) ? memory.get(NETWORK_LONG, at + ADDRESS6) : 0;
  }

  /** The lower half of an IPv6 address, or the IPv4 address. */
  public static long low(MemorySegment memory, long at) {
    return isIpv6(memory, at)
        ? memory.get(NETWORK_LONG, at + ADDRESS6 + Long.BYTES)
        : memory.get(NETWORK_INT, at + ADDRESS4) & 0xffff_ffffL;
  }

  /** The address there, without its port. */
  static InetAddress host(MemorySegment memory, long at) throws UnknownHostException {
    boolean ipv6 = isIpv6(memory, at);
    MemorySegment bytes = memory.asSlice(at + (ipv6 ? ADDRESS6 : ADDRESS4), ipv6 ? 16 : 4);
    return InetAddress.getByAddress(bytes.toArray(ValueLayout.JAVA_BYTE));
  }

  private static boolean isIpv6(MemorySegment memory, long at) {
    return memory.get(SHORT, at) == AF_INET6;
  }
}
