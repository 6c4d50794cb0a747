package dev.outboard.transport.dpdk;

import dev.outboard.packet.ChecksumFiller;
import dev.outboard.packet.Ethernet;
import dev.outboard.packet.OffloadPlan;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.Offloads;
import dev.outboard.transport.dpdk.ffi.DeviceInfo;
import java.lang.foreign.MemorySegment;

/**
 * Leaves checksums and the cutting of super-frames to the device: what {@code rte_net} does to
 * prepare packets, done to the copy of their headers. Its worker's; hot.
 *
 * <p>Devices know TCP and UDP over IP. Checksums of anything else, such as those in tunnels of a
 * guest's own, are filled in here.
 */
final class SendOffloads {
  /** Who does what a frame needs. */
  static final int DEVICE = 0;

  /** We, once the whole frame is copied. */
  static final int OURS = 1;

  /** Nobody: its fields make no sense. */
  static final int BAD = 2;

  private static final long CHECKSUMS = DeviceInfo.TCP_CHECKSUM | DeviceInfo.UDP_CHECKSUM;
  private static final long CUTTING =
      DeviceInfo.TCP_SEGMENTATION | DeviceInfo.IPV4_CHECKSUM | DeviceInfo.SEGMENTS;

  /** NICs take smaller segments for an attack, and stop their queue. */
  private static final int SMALLEST_SEGMENT = 256;

  // RTE_MBUF_F_TX_
  private static final long IPV4 = 1L << 55;
  private static final long IPV6 = 1L << 56;
  private static final long IPV4_SUM = 1L << 54;
  private static final long TCP_SUM = 1L << 52;
  private static final long UDP_SUM = 3L << 52;
  private static final long CUT = 1L << 50;

  // Bits of tx_offload.
  private static final int NETWORK_SHIFT = 7;
  private static final int TRANSPORT_SHIFT = 16;
  private static final int SEGMENT_SHIFT = 24;
  private static final int LONGEST_NETWORK = (1 << 9) - 1;

  private final OffloadPlan plan = new OffloadPlan();
  private final ChecksumFiller filler = new ChecksumFiller();
  private final int longestSegment;
  private long flags;
  private long lengths;

  /**
   * For one sender.
   *
   * @param longest how long a frame may be
   */
  SendOffloads(DeviceInfo info, int longest) {
    // net_tap compares segments with their Ethernet header with an MTU, which is without.
    longestSegment = info.isTap() ? longest - Ethernet.HEADER : longest;
  }

  /** Which {@link Offloads} a device can take over. */
  static int of(DeviceInfo info) {
    if (!info.canSend(CHECKSUMS)) {
      return 0;
    }
    if (!info.canSend(CUTTING)) {
      return Offloads.CHECKSUM;
    }
    // net_tap cuts by librte_gso, which knows IPv4 alone.
    return Offloads.CHECKSUM | Offloads.TSO4 | (info.isTap() ? 0 : Offloads.TSO6);
  }

  /** What the device is to be configured for, to do so. */
  static long bits(int offloads) {
    long checksums = (offloads & Offloads.CHECKSUM) != 0 ? CHECKSUMS : 0;
    return checksums | ((offloads & Offloads.TSO4) != 0 ? CUTTING : 0);
  }

  /**
   * Looks at a frame that needs something.
   *
   * @param at where the copy of its beginning is
   * @param available how many bytes that has
   * @return one of {@link #DEVICE}, {@link #OURS} and {@link #BAD}
   */
  int find(FrameBurst burst, int frame, MemorySegment memory, long at, int available) {
    if (plan.find(burst, frame, memory, at, available)
        && plan.networkBytes() <= LONGEST_NETWORK
        && (burst.segmentation(frame) == FrameBurst.GSO_NONE
            || (burst.segmentSize(frame) > 0 && plan.headers() < longestSegment))) {
      return DEVICE;
    }
    return burst.segmentation(frame) == FrameBurst.GSO_NONE ? OURS : BAD;
  }

  /**
   * Prepares a frame that is the device's to deal with, and what it is told.
   *
   * @param around how many bytes are around the Ethernet header, as a VLAN tag is
   */
  void prepare(FrameBurst burst, int frame, MemorySegment memory, long at, int around) {
    flags = (plan.isIpv4() ? IPV4 : IPV6) | (plan.isTcp() ? TCP_SUM : UDP_SUM);
    lengths =
        Ethernet.HEADER
            + around
            + ((long) plan.networkBytes() << NETWORK_SHIFT)
            + ((long) plan.transportBytes() << TRANSPORT_SHIFT);
    if (burst.segmentation(frame) != FrameBurst.GSO_NONE) {
      plan.forSegments(memory, at, burst.length(frame));
      flags |= CUT | (plan.isIpv4() ? IPV4_SUM : 0);
      int most = longestSegment - plan.headers();
      int least = Math.min(SMALLEST_SEGMENT, most);
      lengths |= (long) Math.clamp(burst.segmentSize(frame), least, most) << SEGMENT_SHIFT;
    }
  }

  /** Fills the checksum of a frame that the device does not know; false if it makes no sense. */
  boolean fill(FrameBurst burst, int frame, MemorySegment memory, long at, int length) {
    return filler.fill(memory, at, length, burst.checksumStart(frame), burst.checksumOffset(frame));
  }

  /** What a packet's {@code ol_flags} are to be. */
  long flags() {
    return flags;
  }

  /** What its {@code tx_offload} is to be. */
  long lengths() {
    return lengths;
  }
}
