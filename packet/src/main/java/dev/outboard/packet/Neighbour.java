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

  /** The option that says the sender's MAC address. */
  public static final int SOURCE_LINK_LAYER = 1;

  /** The option that says the target's MAC address. */
  public static final int TARGET_LINK_LAYER = 2;

  private static final int HOP_LIMIT = 255;
  private static final int OVERRIDE = 0x2000_0000;
  private static final int SOLICITED_AND_OVERRIDE = 0x6000_0000;

  /** Of both messages, with the one option. */
  private static final int MESSAGE_BYTES = 32;

  /** Where a solicitation goes: ff02::1:ff00:0 and the last 24 bits, 33:33 and the last 32. */
  private static final long GROUP_HIGH = 0xff02_0000_0000_0000L;

  private static final long GROUP_LOW = 0x0000_0001_ff00_0000L;
  private static final long GROUP_BITS = 0xff_ffffL;
  private static final long GROUP_MAC = 0x3333_0000_0000L;
  private static final long LOW_32 = 0xffff_ffffL;

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
    return writeAdvertisement(
        reply,
        to,
        Ethernet.sourceAndType(request, at) >>> 16,
        Ip.source6High(request, at),
        Ip.source6Low(request, at),
        ownerMac,
        targetHigh(request, at),
        targetLow(request, at),
        true);
  }

  /**
   * Writes an advertisement.
   *
   * @param solicited whether it answers somebody
   * @return its length
   */
  public static int writeAdvertisement(
      MemorySegment memory,
      long at,
      long toMac,
      long toHigh,
      long toLow,
      long ownerMac,
      long ownerHigh,
      long ownerLow,
      boolean solicited) {
    writeHeaders(memory, at, toMac, ownerMac, ownerHigh, ownerLow, toHigh, toLow);
    Bytes.put32(memory, at + 58, solicited ? SOLICITED_AND_OVERRIDE : OVERRIDE);
    return finish(memory, at, ADVERTISEMENT, ownerHigh, ownerLow, TARGET_LINK_LAYER, ownerMac);
  }

  /**
   * Writes a solicitation: to the group of all whose address has the same last 24 bits, or to the
   * address that is thought to be right still.
   *
   * @param toMac where the target is thought to be, or 0
   * @return its length
   */
  public static int writeSolicitation(
      MemorySegment memory,
      long at,
      long toMac,
      long askerMac,
      long askerHigh,
      long askerLow,
      long targetHigh,
      long targetLow) {
    if (toMac == 0) {
      long group = GROUP_LOW | (targetLow & GROUP_BITS);
      long mac = GROUP_MAC | (group & LOW_32);
      writeHeaders(memory, at, mac, askerMac, askerHigh, askerLow, GROUP_HIGH, group);
    } else {
      writeHeaders(memory, at, toMac, askerMac, askerHigh, askerLow, targetHigh, targetLow);
    }
    Bytes.put32(memory, at + 58, 0);
    return finish(memory, at, SOLICITATION, targetHigh, targetLow, SOURCE_LINK_LAYER, askerMac);
  }

  private static void writeHeaders(
      MemorySegment memory,
      long at,
      long toMac,
      long fromMac,
      long fromHigh,
      long fromLow,
      long toHigh,
      long toLow) {
    Ethernet.write(memory, at, toMac, fromMac, Ethernet.IPV6);
    Bytes.put32(memory, at + 14, 0x6000_0000);
    Bytes.put16(memory, at + 18, MESSAGE_BYTES);
    Bytes.put8(memory, at + 20, Ip.ICMPV6);
    Bytes.put8(memory, at + 21, HOP_LIMIT);
    Bytes.put64(memory, at + 22, fromHigh);
    Bytes.put64(memory, at + 30, fromLow);
    Bytes.put64(memory, at + 38, toHigh);
    Bytes.put64(memory, at + 46, toLow);
  }

  private static int finish(
      MemorySegment memory, long at, int type, long high, long low, int option, long mac) {
    Bytes.put32(memory, at + 54, type << 24);
    Bytes.put64(memory, at + 62, high);
    Bytes.put64(memory, at + 70, low);
    Bytes.put64(memory, at + 78, (long) (option << 8 | 1) << 48 | mac);
    long sum = Checksum.sum(memory, at + 22, 32, MESSAGE_BYTES + Ip.ICMPV6);
    sum = Checksum.sum(memory, at + Ip.IPV6_END, MESSAGE_BYTES, sum);
    Bytes.put16(memory, at + 56, Checksum.finish(sum));
    return Ip.IPV6_END + MESSAGE_BYTES;
  }
}
