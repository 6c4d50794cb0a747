package dev.outboard.packet;

import java.lang.foreign.MemorySegment;

/**
 * ARP for IPv4 over Ethernet (RFC 826). Offsets are from the Ethernet header of an untagged frame.
 *
 * <pre>
 *   14 hardware 1, 16 protocol 0x0800, 18 sizes 6 and 4, 20 operation,
 *   22 sender MAC, 28 sender IP, 32 target MAC, 38 target IP, 42 end
 * </pre>
 */
public final class Arp {
  /** Bytes of a frame that holds an ARP packet. */
  public static final int FRAME = 42;

  private static final long ETHERNET_IPV4 = 0x0001_0800_0604L;
  private static final int REQUEST = 1;
  private static final int REPLY = 2;

  private Arp() {}

  /** Whether the packet is about IPv4 over Ethernet. */
  public static boolean isEthernetIpv4(MemorySegment memory, long at) {
    return Bytes.i64(memory, at + 14) >>> 16 == ETHERNET_IPV4;
  }

  /** Whether it asks. */
  public static boolean isRequest(MemorySegment memory, long at) {
    return Bytes.u16(memory, at + 20) == REQUEST;
  }

  /** The MAC address of the sender. */
  public static long senderMac(MemorySegment memory, long at) {
    return Bytes.i64(memory, at + 22) >>> 16;
  }

  /** The IP address of the sender. */
  public static int senderIp(MemorySegment memory, long at) {
    return Bytes.i32(memory, at + 28);
  }

  /** The IP address asked for. */
  public static int targetIp(MemorySegment memory, long at) {
    return Bytes.i32(memory, at + 38);
  }

  /**
   * Writes a request, or an announcement if the sender asks for its own address.
   *
   * @param destination broadcast, or the address that is thought to be right still
   * @return its length
   */
  public static int writeRequest(
      MemorySegment memory, long at, long destination, long senderMac, int senderIp, int targetIp) {
    Ethernet.write(memory, at, destination, senderMac, Ethernet.ARP);
    Bytes.put64(memory, at + 14, ETHERNET_IPV4 << 16 | REQUEST);
    Bytes.put64(memory, at + 22, senderMac << 16 | (senderIp >>> 16 & 0xffffL));
    Bytes.put64(memory, at + 30, (long) senderIp << 48);
    Bytes.put32(memory, at + 38, targetIp);
    return FRAME;
  }

  /**
   * Writes the answer to a request, as the owner of the address would give it.
   *
   * @return its length
   */
  public static int writeReply(
      MemorySegment request, long at, MemorySegment reply, long to, long ownerMac) {
    return writeReply(
        reply, to, senderMac(request, at), senderIp(request, at), ownerMac, targetIp(request, at));
  }

  /**
   * Writes an answer.
   *
   * @return its length
   */
  public static int writeReply(
      MemorySegment reply, long to, long asker, int askerIp, long ownerMac, int ownerIp) {
    Ethernet.write(reply, to, asker, ownerMac, Ethernet.ARP);
    Bytes.put64(reply, to + 14, ETHERNET_IPV4 << 16 | REPLY);
    Bytes.put64(reply, to + 22, ownerMac << 16 | (ownerIp >>> 16 & 0xffffL));
    Bytes.put16(reply, to + 30, ownerIp);
    Bytes.put64(reply, to + 32, asker << 16 | (askerIp >>> 16 & 0xffffL));
    Bytes.put16(reply, to + 40, askerIp);
    return FRAME;
  }
}
