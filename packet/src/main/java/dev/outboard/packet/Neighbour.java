package dev.outboard.packet;

import java.lang.foreign.MemorySegment;

/**
 * IPv6 neighbour solicitation and advertisement (RFC 4861, sections 4.3 and 4.4). Offsets are from
 * the Ethernet header of an untagged frame without extension headers.
 *
 * <pre>
 *   14 IPv6 header, 54 type, 55 code, 56 checksum, 58 flags, 62 target, 78 options
 * </pre>
 */
public final class Neighbour {
  /** The end of the fixed part of both messages. */
  public static final int FIXED_END = 78;

  /** ICMPv6 type of a solicitation. */
  public static final int SOLICITATION = 135;

  /** ICMPv6 type of an advertisement. */
  public static final int ADVERTISEMENT = 136;

  private static final int HOP_LIMIT = 255;
  private static final int TARGET_LINK_LAYER = 2;
  private static final int SOLICITED_AND_OVERRIDE = 0x6000_0000;
  private static final int ADVERTISEMENT_BYTES = 32;

  private Neighbour() {}

  /** The ICMPv6 type; the caller knows that ICMPv6 follows the IPv6 header. */
  public static int type(MemorySegment memory, long at) {
    return Bytes.u8(memory, at + Ip.IPV6_END);
  }

  /** Whether the hop limit shows that no router has passed the message on. */
  public static boolean isFromThisLink(MemorySegment memory, long at) {
    return Bytes.u8(memory, at + 21) == HOP_LIMIT;
  }

  /** The first eight bytes of the address in question. */
  public static long targetHigh(MemorySegment memory, long at) {
    return Bytes.i64(memory, at + 62);
  }

  /** The last eight bytes of the address in question. */
  public static long targetLow(MemorySegment memory, long at) {
    return Bytes.i64(memory, at + 70);
  }

  /**
   * Writes the advertisement that answers a solicitation, as the owner of the address would.
   *
   * @return its length
   */
  public static int writeAdvertisement(
      MemorySegment request, long at, MemorySegment reply, long to, long ownerMac) {
    long askerMac = Ethernet.sourceAndType(request, at) >>> 16;
    long askerHigh = Ip.source6High(request, at);
    long askerLow = Ip.source6Low(request, at);
    long targetHigh = targetHigh(request, at);
    long targetLow = targetLow(request, at);
    Ethernet.write(reply, to, askerMac, ownerMac, Ethernet.IPV6);
    Bytes.put32(reply, to + 14, 0x6000_0000);
    Bytes.put16(reply, to + 18, ADVERTISEMENT_BYTES);
    Bytes.put8(reply, to + 20, Ip.ICMPV6);
    Bytes.put8(reply, to + 21, HOP_LIMIT);
    Bytes.put64(reply, to + 22, targetHigh);
    Bytes.put64(reply, to + 30, targetLow);
    Bytes.put64(reply, to + 38, askerHigh);
    Bytes.put64(reply, to + 46, askerLow);
    Bytes.put32(reply, to + 54, ADVERTISEMENT << 24);
    Bytes.put32(reply, to + 58, SOLICITED_AND_OVERRIDE);
    Bytes.put64(reply, to + 62, targetHigh);
    Bytes.put64(reply, to + 70, targetLow);
    Bytes.put16(reply, to + 78, TARGET_LINK_LAYER << 8 | 1);
    Bytes.put16(reply, to + 80, (int) (ownerMac >>> 32));
    Bytes.put32(reply, to + 82, (int) ownerMac);
    long sum = Checksum.sum(reply, to + 22, 32, ADVERTISEMENT_BYTES + Ip.ICMPV6);
    sum = Checksum.sum(reply, to + Ip.IPV6_END, ADVERTISEMENT_BYTES, sum);
    Bytes.put16(reply, to + 56, Checksum.finish(sum));
    return Ip.IPV6_END + ADVERTISEMENT_BYTES;
  }
}
