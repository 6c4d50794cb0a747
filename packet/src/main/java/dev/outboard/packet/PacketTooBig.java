package dev.outboard.packet;

import java.lang.foreign.MemorySegment;

/**
 * Tells the sender of a packet that it is larger than the network's MTU: ICMP "fragmentation
 * needed" (RFC 1191) or ICMPv6 "packet too big" (RFC 8201). It comes from the destination's
 * addresses: no other party is known to the sender, and it looks at what it sent, not at who tells.
 */
public final class PacketTooBig {
  private static final int ICMP = 1;
  private static final int UNREACHABLE_FRAGMENTATION_NEEDED = 3 << 8 | 4;
  private static final int ICMPV6_TOO_BIG = 2 << 8;
  private static final int DO_NOT_FRAGMENT = 0x4000;
  private static final int ICMP_HEADER = 8;
  private static final int TIME_TO_LIVE = 64;

  /** Enough of the packet to know its connection by. */
  private static final int QUOTED = 48;

  private PacketTooBig() {}

  /** The most bytes that an answer has. */
  public static final int LONGEST = Ip.IPV6_END + ICMP_HEADER + 40 + QUOTED;

  /**
   * Writes the answer to a frame that is too large.
   *
   * @param at where the frame's Ethernet header starts, in private memory
   * @param available how many of its bytes are there
   * @param to where to write at most {@link #LONGEST} bytes
   * @return its length, or 0 if there is none: the packet may be fragmented, or is not IP
   */
  public static int write(
      MemorySegment frame, long at, int available, MemorySegment answer, long to, int mtu) {
    return switch ((int) Ethernet.sourceAndType(frame, at) & 0xffff) {
      case Ethernet.IPV4 -> write4(frame, at, available, answer, to, mtu);
      case Ethernet.IPV6 -> write6(frame, at, available, answer, to, mtu);
      default -> 0;
    };
  }

  private static int write4(
      MemorySegment frame, long at, int available, MemorySegment answer, long to, int mtu) {
    if (available < Ip.IPV4_END || (Bytes.u16(frame, at + 20) & DO_NOT_FRAGMENT) == 0) {
      return 0;
    }
    int quoted =
        Math.min(available - Ethernet.HEADER, Math.min(Ip.headerLength4(frame, at) + 8, QUOTED));
    int bytes = 20 + ICMP_HEADER + quoted;
    turnRound(frame, at, answer, to, Ethernet.IPV4);
    Bytes.put32(answer, to + 14, 0x4500_0000 | bytes);
    Bytes.put32(answer, to + 18, DO_NOT_FRAGMENT);
    Bytes.put32(answer, to + 22, TIME_TO_LIVE << 24 | ICMP << 16);
    Bytes.put32(answer, to + 26, Bytes.i32(frame, at + 30));
    Bytes.put32(answer, to + 30, Bytes.i32(frame, at + 26));
    Bytes.put16(answer, to + 24, Checksum.finish(Checksum.sum(answer, to + 14, 20, 0)));
    long icmp = to + Ip.IPV4_END;
    Bytes.put32(answer, icmp, UNREACHABLE_FRAGMENTATION_NEEDED << 16);
    Bytes.put32(answer, icmp + 4, mtu);
    MemorySegment.copy(frame, at + Ethernet.HEADER, answer, icmp + ICMP_HEADER, quoted);
    long sum = Checksum.sum(answer, icmp, ICMP_HEADER + quoted, 0);
    Bytes.put16(answer, icmp + 2, Checksum.finish(sum));
    return Ethernet.HEADER + bytes;
  }

  private static int write6(
      MemorySegment frame, long at, int available, MemorySegment answer, long to, int mtu) {
    if (available < Ip.IPV6_END) {
      return 0;
    }
    int quoted = Math.min(available - Ethernet.HEADER, 40 + QUOTED);
    int bytes = ICMP_HEADER + quoted;
    turnRound(frame, at, answer, to, Ethernet.IPV6);
    Bytes.put32(answer, to + 14, 0x6000_0000);
    Bytes.put32(answer, to + 18, bytes << 16 | Ip.ICMPV6 << 8 | TIME_TO_LIVE);
    MemorySegment.copy(frame, at + 38, answer, to + 22, 16);
    MemorySegment.copy(frame, at + 22, answer, to + 38, 16);
    long icmp = to + Ip.IPV6_END;
    Bytes.put32(answer, icmp, ICMPV6_TOO_BIG << 16);
    Bytes.put32(answer, icmp + 4, mtu);
    MemorySegment.copy(frame, at + Ethernet.HEADER, answer, icmp + ICMP_HEADER, quoted);
    long sum = Checksum.sum(answer, to + 22, 32, (long) bytes + Ip.ICMPV6);
    Bytes.put16(answer, icmp + 2, Checksum.finish(Checksum.sum(answer, icmp, bytes, sum)));
    return Ip.IPV6_END + bytes;
  }

  private static void turnRound(
      MemorySegment frame, long at, MemorySegment answer, long to, int type) {
    long sender = Ethernet.sourceAndType(frame, at) >>> 16;
    Ethernet.write(answer, to, sender, Ethernet.destination(frame, at), type);
  }
}
