package dev.outboard.packet;

import java.lang.foreign.MemorySegment;

/**
 * What is looked at in IPv4 (RFC 791) and IPv6 (RFC 8200) headers. All methods take the offset of
 * the Ethernet header of an untagged frame; the caller has checked that {@link #IPV4_END} or {@link
 * #IPV6_END} bytes of the frame are there.
 */
public final class Ip {
  /** The end of an IPv4 header without options, from the Ethernet header on. */
  public static final int IPV4_END = Ethernet.HEADER + 20;

  /** The end of the fixed IPv6 header, from the Ethernet header on. */
  public static final int IPV6_END = Ethernet.HEADER + 40;

  /** Protocol number of ICMPv6. */
  public static final int ICMPV6 = 58;

  /** Protocol number of IGMP. */
  public static final int IGMP = 2;

  /** Protocol number of TCP. */
  public static final int TCP = 6;

  /** Protocol number of UDP. */
  public static final int UDP = 17;

  /** The hop-by-hop options header of IPv6. */
  public static final int HOP_BY_HOP = 0;

  private Ip() {}

  /** Whether version and header length of IPv4 make sense. */
  public static boolean isPlausible4(MemorySegment memory, long at) {
    int first = Bytes.u8(memory, at + 14);
    return first >>> 4 == 4 && (first & 15) >= 5;
  }

  /** Bytes of the IPv4 header, options included. */
  public static int headerLength4(MemorySegment memory, long at) {
    return (Bytes.u8(memory, at + 14) & 15) * 4;
  }

  /** The protocol of an IPv4 packet. */
  public static int protocol4(MemorySegment memory, long at) {
    return Bytes.u8(memory, at + 23);
  }

  /** The source of an IPv4 packet. */
  public static int source4(MemorySegment memory, long at) {
    return Bytes.i32(memory, at + 26);
  }

  /** The destination of an IPv4 packet. */
  public static int destination4(MemorySegment memory, long at) {
    return Bytes.i32(memory, at + 30);
  }

  /** Whether the version is that of IPv6. */
  public static boolean isPlausible6(MemorySegment memory, long at) {
    return Bytes.u8(memory, at + 14) >>> 4 == 6;
  }

  /** What follows the fixed IPv6 header. */
  public static int nextHeader6(MemorySegment memory, long at) {
    return Bytes.u8(memory, at + 20);
  }

  /** The first eight bytes of the source of an IPv6 packet. */
  public static long source6High(MemorySegment memory, long at) {
    return Bytes.i64(memory, at + 22);
  }

  /** The last eight bytes of the source of an IPv6 packet. */
  public static long source6Low(MemorySegment memory, long at) {
    return Bytes.i64(memory, at + 30);
  }

  /** The first eight bytes of the destination of an IPv6 packet. */
  public static long destination6High(MemorySegment memory, long at) {
    return Bytes.i64(memory, at + 38);
  }

  /** The last eight bytes of the destination of an IPv6 packet. */
  public static long destination6Low(MemorySegment memory, long at) {
    return Bytes.i64(memory, at + 46);
  }

  /** Source (upper half) and destination port at the given place. */
  public static int ports(MemorySegment memory, long at) {
    return Bytes.i32(memory, at);
  }

  /** One byte, unsigned; for protocol numbers and types. */
  public static int octet(MemorySegment memory, long at) {
    return Bytes.u8(memory, at);
  }
}
