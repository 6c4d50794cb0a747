package dev.outboard.packet;

import java.lang.foreign.MemorySegment;

/**
 * The Ethernet header (IEEE 802.3): destination, source, EtherType. Addresses are numbers of 48
 * bits, the first byte on the wire in bits 40 to 47.
 */
public final class Ethernet {
  /** Bytes of the header. */
  public static final int HEADER = 14;

  /** EtherType of IPv4. */
  public static final int IPV4 = 0x0800;

  /** EtherType of ARP. */
  public static final int ARP = 0x0806;

  /** EtherType of a VLAN tag (802.1Q). */
  public static final int VLAN = 0x8100;

  /** EtherType of IPv6. */
  public static final int IPV6 = 0x86dd;

  /** EtherType of a service VLAN tag (802.1ad). */
  public static final int SERVICE_VLAN = 0x88a8;

  /** The broadcast address. */
  public static final long BROADCAST = 0xffff_ffff_ffffL;

  private static final long GROUP = 1L << 40;

  private Ethernet() {}

  /** The destination of the frame at {@code at}. */
  public static long destination(MemorySegment memory, long at) {
    return Bytes.i64(memory, at) >>> 16;
  }

  /** Source (upper 48 bits) and EtherType (lower 16) in one load. */
  public static long sourceAndType(MemorySegment memory, long at) {
    return Bytes.i64(memory, at + 6);
  }

  /** Whether an address names a group: multicast or broadcast. */
  public static boolean isGroup(long address) {
    return (address & GROUP) != 0;
  }

  /** Writes a header. */
  public static void write(MemorySegment memory, long at, long destination, long source, int type) {
    Bytes.put64(memory, at, destination << 16 | source >>> 32);
    Bytes.put32(memory, at + 8, (int) source);
    Bytes.put16(memory, at + 12, type);
  }
}
