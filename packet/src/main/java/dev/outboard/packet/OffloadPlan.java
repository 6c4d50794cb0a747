package dev.outboard.packet;

import dev.outboard.spi.FrameBurst;
import java.lang.foreign.MemorySegment;

/**
 * What a device must be told of a frame to fill its checksum or cut it: where its headers end.
 * Worked out from the headers themselves, which are a private copy; what the virtio-net header says
 * must agree. Scratch of one worker, good until the next {@link #find}.
 */
public final class OffloadPlan {
  private static final int TCP_HEADER = 20;
  private static final int TCP_DATA_OFFSET = 12;
  private static final int TCP_CHECKSUM = 16;
  private static final int UDP_HEADER = 8;
  private static final int UDP_CHECKSUM = 6;
  private static final int IPV4_CHECKSUM = 24;

  private final TransportPlace place = new TransportPlace();
  private boolean tcp;
  private int transportBytes;
  private int field;

  /**
   * Looks at the headers of a frame of a burst.
   *
   * @param at where a copy of its beginning is
   * @param available how many bytes that copy has
   * @return false if it is no plain TCP or UDP, or its fields do not agree with its headers
   */
  public boolean find(FrameBurst burst, int i, MemorySegment memory, long at, int available) {
    if (!place.find(memory, at, available)
        || place.isFragment()
        || place.start() != burst.checksumStart(i)
        || place.start() + UDP_HEADER > available) {
      return false;
    }
    int start = place.start();
    tcp = place.protocol() == Ip.TCP;
    field = start + burst.checksumOffset(i);
    if (tcp && start + TCP_HEADER <= available) {
      transportBytes = (Bytes.u8(memory, at + start + TCP_DATA_OFFSET) >>> 4) * 4;
      return burst.checksumOffset(i) == TCP_CHECKSUM
          && transportBytes >= TCP_HEADER
          && start + transportBytes <= available
          && isOfKind(burst.segmentation(i), memory, at, burst.length(i));
    }
    transportBytes = UDP_HEADER;
    return place.protocol() == Ip.UDP
        && burst.checksumOffset(i) == UDP_CHECKSUM
        && burst.segmentation(i) == FrameBurst.GSO_NONE;
  }

  private boolean isOfKind(int kind, MemorySegment memory, long at, int length) {
    return kind == FrameBurst.GSO_NONE
        || (kind == (place.isIpv4() ? FrameBurst.GSO_TCPV4 : FrameBurst.GSO_TCPV6)
            && place.hasLength(memory, at, length));
  }

  /** Whether it is IPv4, else it is IPv6. */
  public boolean isIpv4() {
    return place.isIpv4();
  }

  /** Whether it is TCP, else it is UDP. */
  public boolean isTcp() {
    return tcp;
  }

  /** Bytes of the IP header, with its options or extension headers. */
  public int networkBytes() {
    return place.start() - Ethernet.HEADER;
  }

  /** Bytes of the TCP or UDP header. */
  public int transportBytes() {
    return transportBytes;
  }

  /** Bytes of all headers, Ethernet's included. */
  public int headers() {
    return place.start() + transportBytes;
  }

  /**
   * Makes the headers of a super-frame what devices want: no checksum in IPv4's, and in TCP's the
   * sum of a pseudo-header without a length.
   *
   * @param length the frame's
   */
  public void forSegments(MemorySegment memory, long at, int length) {
    if (place.isIpv4()) {
      Bytes.put16(memory, at + IPV4_CHECKSUM, 0);
    }
    long sum = Bytes.u16(memory, at + field) + (~(length - place.start()) & 0xffffL);
    Bytes.put16(memory, at + field, Checksum.fold(sum));
  }
}
