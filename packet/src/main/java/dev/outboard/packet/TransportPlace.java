package dev.outboard.packet;

import java.lang.foreign.MemorySegment;

/**
 * Where the transport header of a frame begins and what it is, found out from the frame's own first
 * bytes, which must be private. Scratch of one worker, good until the next {@link #find}.
 */
final class TransportPlace {
  private static final int ROUTING = 43;
  private static final int DESTINATION_OPTIONS = 60;
  private static final int IPV4_FRAGMENT = 0x3fff;

  private boolean ipv4;
  private boolean fragment;
  private int protocol;
  private int start;

  /**
   * Goes through the network headers of an untagged frame.
   *
   * @param available how many of its bytes are there
   * @return false if it is not IP, or its headers make no sense or go on beyond those bytes
   */
  boolean find(MemorySegment memory, long at, int available) {
    if (available < Ip.IPV4_END) {
      return false;
    }
    return switch ((int) Ethernet.sourceAndType(memory, at) & 0xffff) {
      case Ethernet.IPV4 -> find4(memory, at, available);
      case Ethernet.IPV6 -> available >= Ip.IPV6_END && find6(memory, at, available);
      default -> false;
    };
  }

  private boolean find4(MemorySegment memory, long at, int available) {
    ipv4 = true;
    fragment = (Bytes.u16(memory, at + 20) & IPV4_FRAGMENT) != 0;
    protocol = Ip.protocol4(memory, at);
    start = Ethernet.HEADER + Ip.headerLength4(memory, at);
    return Ip.isPlausible4(memory, at) && start <= available;
  }

  private boolean find6(MemorySegment memory, long at, int available) {
    ipv4 = false;
    fragment = false;
    protocol = Ip.nextHeader6(memory, at);
    start = Ip.IPV6_END;
    while (isExtension()) {
      if (start + 8 > available) {
        return false;
      }
      protocol = Bytes.u8(memory, at + start);
      start += (Bytes.u8(memory, at + start + 1) + 1) * 8;
    }
    return Ip.isPlausible6(memory, at) && start <= available;
  }

  /** Hop-by-hop options may come first only. */
  private boolean isExtension() {
    return protocol == ROUTING
        || protocol == DESTINATION_OPTIONS
        || (protocol == Ip.HOP_BY_HOP && start == Ip.IPV6_END);
  }

  boolean isIpv4() {
    return ipv4;
  }

  /** Whether it is part of an IPv4 packet only; one of IPv6 shows as {@link #protocol} 44. */
  boolean isFragment() {
    return fragment;
  }

  /** The protocol of the transport header. */
  int protocol() {
    return protocol;
  }

  /** Where it begins, from the Ethernet header on. */
  int start() {
    return start;
  }

  /** Whether the IP header says that the packet is as long as the frame. */
  boolean hasLength(MemorySegment memory, long at, int length) {
    return end(memory, at) == length;
  }

  /** Where the packet ends as its IP header says, from the Ethernet header on. */
  int end(MemorySegment memory, long at) {
    return ipv4
        ? Ethernet.HEADER + Bytes.u16(memory, at + 16)
        : Ip.IPV6_END + Bytes.u16(memory, at + 18);
  }

  /** Says in the IP header how long the frame is. */
  void setLength(MemorySegment memory, long at, int length) {
    if (ipv4) {
      Bytes.put16(memory, at + 16, length - Ethernet.HEADER);
    } else {
      Bytes.put16(memory, at + 18, length - Ip.IPV6_END);
    }
  }

  /** Fills the IPv4 header checksum. */
  void finishIpv4(MemorySegment memory, long at) {
    Bytes.put16(memory, at + 24, 0);
    Bytes.put16(memory, at + 24, Checksum.finish(ipv4Sum(memory, at)));
  }

  /** The sum of the IPv4 header; it comes to 0xffff if the checksum in it is right. */
  long ipv4Sum(MemorySegment memory, long at) {
    return Checksum.sum(memory, at + Ethernet.HEADER, start - Ethernet.HEADER, 0);
  }

  /** The sum of the pseudo-header for a frame of this length. */
  long pseudoSum(MemorySegment memory, long at, int length) {
    int from = ipv4 ? 26 : 22;
    int bytes = ipv4 ? 8 : 32;
    return Checksum.sum(memory, at + from, bytes, (long) protocol + length - start);
  }
}
