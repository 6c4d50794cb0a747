package dev.outboard.packet;

import dev.outboard.spi.FrameBurst;
import java.lang.foreign.MemorySegment;

/**
 * Fills the checksum that a sender has left to us, for a receiver that does not take such frames.
 * One per worker, used by its thread; nothing is allocated or thrown.
 *
 * <p>Theory of operation. The sender says where to start to sum and where the result belongs
 * (virtio 1.2, section 5.1.6.2). Both come from a guest, and they are where this code will write
 * into a header that was checked before: taken at its word, a guest could have two bytes of its
 * source address overwritten. So the field must be the checksum of the transport header that the
 * frame really has, or lie behind that header where the frame carries another one.
 */
public final class ChecksumFiller {
  private static final int ICMP = 1;
  private static final int IPV4_IN_IP = 4;
  private static final int DCCP = 33;
  private static final int IPV6_IN_IP = 41;
  private static final int GRE = 47;
  private static final int UDP_LITE = 136;

  private static final int UDP_HEADER = 8;
  private static final int SHORTEST_GRE = 4;
  private static final int SHORTEST_IP = 20;

  private final TransportPlace place = new TransportPlace();
  private final FrameCursor cursor = new FrameCursor();

  /**
   * Fills the checksum of a frame that needs it and is not a super-frame. The first fragment must
   * be private to the worker: the checksum is written there, and the offload fields are cleared.
   *
   * @return false if the fields don't fit the frame; then it is as before
   */
  public boolean fill(FrameBurst burst, int i) {
    int first = burst.firstFragment(i);
    MemorySegment memory = burst.segment(first);
    long at = burst.offset(first);
    int available = burst.fragmentLength(first);
    int start = burst.checksumStart(i);
    if (!fits(memory, at, available, start, burst.checksumOffset(i))) {
      return false;
    }
    cursor.start(burst, i);
    cursor.skip(start);
    long sum = cursor.sum(burst.length(i) - start);
    Bytes.put16(memory, at + start + burst.checksumOffset(i), Checksum.finishNonZero(sum));
    burst.clearOffload(i);
    return true;
  }

  /**
   * The same for a frame of which the caller has a whole copy.
   *
   * @param start where the sum starts
   * @param offset where it belongs, from there on
   */
  public boolean fill(MemorySegment memory, long at, int length, int start, int offset) {
    if (!fits(memory, at, length, start, offset)) {
      return false;
    }
    long sum = Checksum.sum(memory, at + start, length - start, 0);
    Bytes.put16(memory, at + start + offset, Checksum.finishNonZero(sum));
    return true;
  }

  private boolean fits(MemorySegment memory, long at, int available, int start, int offset) {
    return start + offset + 2 <= available
        && place.find(memory, at, available)
        && !place.isFragment()
        && isChecksum(start, offset);
  }

  private boolean isChecksum(int start, int offset) {
    int behind = start - place.start();
    return switch (place.protocol()) {
      case Ip.TCP -> behind == 0 && offset == 16;
      case Ip.UDP -> (behind == 0 && offset == 6) || behind >= UDP_HEADER;
      case UDP_LITE, DCCP -> behind == 0 && offset == 6;
      case ICMP, Ip.IGMP, Ip.ICMPV6 -> behind == 0 && offset == 2;
      case GRE -> behind >= SHORTEST_GRE;
      case IPV4_IN_IP, IPV6_IN_IP -> behind >= SHORTEST_IP;
      default -> false;
    };
  }
}
