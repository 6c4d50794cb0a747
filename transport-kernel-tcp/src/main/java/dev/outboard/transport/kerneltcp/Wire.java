package dev.outboard.transport.kerneltcp;

import dev.outboard.spi.FrameBurst;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The framing behind the handshake, version 1; all numbers little-endian. {@code
 * docs/kernel-tcp.md} is its description for others. Hot, any thread.
 *
 * <pre>
 *   frame             0 length (4)   4 network (3)  7 type 1   8 offload fields (8)
 *                     16 checksum offset (2)        18 zero (6)   24 the frame
 *   acknowledgement   0 zero (4)     4 zero (3)     7 type 2   8 frames taken so far (8)
 * </pre>
 */
final class Wire {
  /** What stands before each frame. */
  static final int HEADER = 24;

  /** The size of an acknowledgement. */
  static final int ACKNOWLEDGEMENT = 16;

  static final int ETHERNET = 14;

  /** An IP packet of 65,535 bytes behind an Ethernet header with a VLAN tag. */
  static final int MOST_FRAME = 65_553;

  private static final int FRAME_TYPE = 1;
  private static final int ACKNOWLEDGEMENT_TYPE = 2;
  private static final int NETWORK = 4;
  private static final int OFFLOAD = 8;
  private static final int CHECKSUM_OFFSET = 16;
  private static final int NETWORK_MASK = 0xff_ffff;

  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Wire() {}

  static void writeHeader(MemorySegment to, long at, FrameBurst burst, int frame) {
    to.set(INT, at, burst.length(frame));
    to.set(INT, at + NETWORK, (burst.network(frame) & NETWORK_MASK) | FRAME_TYPE << 24);
    to.set(LONG, at + OFFLOAD, burst.offload(frame));
    to.set(LONG, at + CHECKSUM_OFFSET, burst.checksumOffset(frame) & 0xffffL);
  }

  /** The length of the frame whose header is there, or -1 if that is no header. */
  static int length(MemorySegment from, long at) {
    int length = from.get(INT, at);
    boolean isHeader =
        from.get(INT, at + NETWORK) >>> 24 == FRAME_TYPE
            && from.get(LONG, at + CHECKSUM_OFFSET) >>> 16 == 0;
    return isHeader && length >= ETHERNET && length <= MOST_FRAME ? length : -1;
  }

  static int network(MemorySegment from, long at) {
    return from.get(INT, at + NETWORK) & NETWORK_MASK;
  }

  static long offload(MemorySegment from, long at) {
    return from.get(LONG, at + OFFLOAD);
  }

  static int checksumOffset(MemorySegment from, long at) {
    return (int) from.get(LONG, at + CHECKSUM_OFFSET) & 0xffff;
  }

  /** Whether the offload fields make sense for a frame of this length. */
  static boolean areOffloadsValid(long fields, int checksumOffset, int length) {
    if (fields == 0) {
      return checksumOffset == 0;
    }
    int flags = (int) fields & 0xff;
    int kind = (int) (fields >>> 8) & 0xff;
    int headers = (int) (fields >>> 16) & 0xffff;
    int segment = (int) (fields >>> 32) & 0xffff;
    int start = (int) (fields >>> 48) & 0xffff;
    boolean isKind =
        switch (kind) {
          case FrameBurst.GSO_NONE -> true;
          case FrameBurst.GSO_TCPV4, FrameBurst.GSO_TCPV6, FrameBurst.GSO_UDP_L4 -> segment > 0;
          default -> false;
        };
    return flags == FrameBurst.NEEDS_CHECKSUM
        && isKind
        && headers <= length
        && start >= ETHERNET
        && start + checksumOffset + Short.BYTES <= length;
  }

  static void writeAcknowledgement(MemorySegment to, long frames) {
    to.set(INT, 0, 0);
    to.set(INT, NETWORK, ACKNOWLEDGEMENT_TYPE << 24);
    to.set(LONG, OFFLOAD, frames);
  }

  /** How many frames are acknowledged, or -1 if that is no acknowledgement. */
  static long acknowledged(MemorySegment from, long at) {
    boolean isOne =
        from.get(INT, at) == 0 && from.get(INT, at + NETWORK) == ACKNOWLEDGEMENT_TYPE << 24;
    return isOne ? from.get(LONG, at + OFFLOAD) : -1;
  }
}
