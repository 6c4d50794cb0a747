package dev.outboard.packet;

import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.RegionTable;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Cuts a super-frame (TCP, or a bundle of UDP datagrams, over IPv4 or IPv6) into frames with
 * headers and checksums of their own, for a receiver that does not take it whole. One per worker,
 * used by its thread; nothing is allocated or thrown.
 *
 * <pre>
 *   super-frame   [ headers | payload ....................... ]   one private fragment, then others
 *   segment k     [ headers'] [ payload k*size .. (k+1)*size ]    our memory, then the same fragments
 * </pre>
 *
 * <p>Theory of operation. Payload stays where it is: segments refer to the super-frame's fragments,
 * so it is summed in place and copied once, by whoever takes the segment. Segments are made a
 * handful at a time ({@link #fill}) and from any one on, so that a receiver that runs out of room
 * can have the others later.
 *
 * <p>Header lengths are worked out from the headers themselves; what the virtio-net header says of
 * them must agree. The checksum field holds the sum of the pseudo-header for the whole; each
 * segment gets it with the length exchanged. That keeps it right where a routing header makes the
 * last destination another than the one in the IP header.
 */
public final class Segmenter implements AutoCloseable {
  /** The longest headers there may be, from the Ethernet header on. */
  public static final int LONGEST_HEADERS = 192;

  private static final int TCP_HEADER = 20;
  private static final int TCP_SEQUENCE = 4;
  private static final int TCP_DATA_OFFSET = 12;
  private static final int TCP_FLAGS = 13;
  private static final int TCP_CHECKSUM = 16;
  private static final int CWR = 0x80;
  private static final int FIN_AND_PSH = 0x09;

  private static final int UDP_HEADER = 8;
  private static final int UDP_LENGTH = 4;
  private static final int UDP_CHECKSUM = 6;

  private static final int IPV4_ID = 18;

  private final RegionTable regions;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment headerMemory;
  private final int headerRegion;
  private final int slots;
  private final FrameBurst segments;
  private final TransportPlace place = new TransportPlace();
  private final FrameCursor cursor = new FrameCursor();

  private FrameBurst burst;
  private int frame;
  private MemorySegment source;
  private long sourceAt;
  private boolean tcp;
  private int headers;
  private int segmentSize;
  private int payload;
  private int count;

  /** The sum in the checksum field, less the length in it. */
  private long partial;

  /**
   * A segmenter with memory of its own for headers.
   *
   * @param most segments that are made at a time
   * @param mostFragments of a super-frame
   */
  public Segmenter(RegionTable regions, int most, int mostFragments) {
    this.regions = regions;
    slots = most;
    headerMemory = arena.allocate((long) most * LONGEST_HEADERS, 64);
    headerRegion = regions.add(headerMemory);
    segments = new FrameBurst(regions, most, 2 * most + mostFragments);
  }

  /**
   * Takes a super-frame on. Its first fragment must be private to the worker and hold the first
   * {@link #LONGEST_HEADERS} bytes, or all there are. Good for {@link #fill} while the burst is.
   *
   * @param longestSegment how long a segment may be, from the Ethernet header on
   * @return false if it can't be cut: its headers are contradictory, go on too long or don't agree
   *     with the offload fields, or the segments would be too long
   */
  public boolean open(FrameBurst frames, int i, int longestSegment) {
    int first = frames.firstFragment(i);
    source = frames.segment(first);
    sourceAt = frames.offset(first);
    int available = Math.min(frames.fragmentLength(first), LONGEST_HEADERS);
    int length = frames.length(i);
    if (!place.find(source, sourceAt, available)
        || place.isFragment()
        || !place.hasLength(source, sourceAt, length)
        || frames.checksumStart(i) != place.start()
        || !findPayload(frames, i, available)) {
      return false;
    }
    burst = frames;
    frame = i;
    segmentSize = frames.segmentSize(i);
    payload = length - headers;
    if (segmentSize == 0 || headers + segmentSize > longestSegment) {
      return false;
    }
    count = Math.max(1, (payload + segmentSize - 1) / segmentSize);
    int field = place.start() + frames.checksumOffset(i);
    partial = Bytes.u16(source, sourceAt + field) + (~(length - place.start()) & 0xffffL);
    return true;
  }

  /** Whether the transport header is the right one and private; finds its end. */
  private boolean findPayload(FrameBurst frames, int i, int available) {
    int kind = frames.segmentation(i);
    int start = place.start();
    if (kind == FrameBurst.GSO_UDP_L4) {
      tcp = false;
      headers = start + UDP_HEADER;
      return place.protocol() == Ip.UDP
          && frames.checksumOffset(i) == UDP_CHECKSUM
          && headers <= available
          && Bytes.u16(source, sourceAt + start + UDP_LENGTH) == frames.length(i) - start;
    }
    tcp = true;
    if (kind != (place.isIpv4() ? FrameBurst.GSO_TCPV4 : FrameBurst.GSO_TCPV6)
        || place.protocol() != Ip.TCP
        || frames.checksumOffset(i) != TCP_CHECKSUM
        || start + TCP_HEADER > available) {
      return false;
    }
    int tcpHeader = (Bytes.u8(source, sourceAt + start + TCP_DATA_OFFSET) >>> 4) * 4;
    headers = start + tcpHeader;
    return tcpHeader >= TCP_HEADER && headers <= available;
  }

  /** How many segments the super-frame makes. */
  public int count() {
    return count;
  }

  /** The segments of the last {@link #fill}. */
  public FrameBurst segments() {
    return segments;
  }

  /**
   * Makes segments, as many as there is room for.
   *
   * @param from the first of them, in the super-frame
   * @param most no more than these
   * @return how many
   */
  public int fill(int from, int most) {
    segments.clear();
    segments.setPriority(burst.priority());
    cursor.start(burst, frame);
    cursor.skip(headers + from * segmentSize);
    int made = Math.min(Math.min(count - from, most), slots);
    for (int slot = 0; slot < made; slot++) {
      make(from + slot, (long) slot * LONGEST_HEADERS);
    }
    return made;
  }

  private void make(int k, long at) {
    int from = k * segmentSize;
    int bytes = Math.min(payload - from, segmentSize);
    MemorySegment.copy(source, sourceAt, headerMemory, at, headers);
    segments.addFragment(headerRegion, at, headers);
    long sum = partial + cursor.pass(bytes, segments);
    place.setLength(headerMemory, at, headers + bytes);
    if (place.isIpv4()) {
      Bytes.put16(headerMemory, at + IPV4_ID, Bytes.u16(source, sourceAt + IPV4_ID) + k);
      place.finishIpv4(headerMemory, at);
    }
    long transport = at + place.start();
    int transportHeader = headers - place.start();
    sum += transportHeader + bytes;
    if (tcp) {
      finishTcp(k, from, transport, transportHeader, sum);
    } else {
      finishUdp(bytes, transport, sum);
    }
    segments.endFrame(burst.network(frame), headers + bytes, 0, 0);
    int segment = segments.count() - 1;
    segments.setRoute(segment, burst.nextHop(frame), burst.flowHash(frame));
    segments.setToken(segment, burst.token(frame));
  }

  private void finishTcp(int k, int from, long transport, int transportHeader, long sum) {
    int sequence = Bytes.i32(headerMemory, transport + TCP_SEQUENCE);
    Bytes.put32(headerMemory, transport + TCP_SEQUENCE, sequence + from);
    int flags = Bytes.u8(headerMemory, transport + TCP_FLAGS);
    flags &= k == 0 ? 0xff : ~CWR;
    flags &= k == count - 1 ? 0xff : ~FIN_AND_PSH;
    Bytes.put8(headerMemory, transport + TCP_FLAGS, flags);
    Bytes.put16(headerMemory, transport + TCP_CHECKSUM, 0);
    long whole = Checksum.sum(headerMemory, transport, transportHeader, sum);
    Bytes.put16(headerMemory, transport + TCP_CHECKSUM, Checksum.finish(whole));
  }

  private void finishUdp(int bytes, long transport, long sum) {
    Bytes.put16(headerMemory, transport + UDP_LENGTH, UDP_HEADER + bytes);
    Bytes.put16(headerMemory, transport + UDP_CHECKSUM, 0);
    long whole = Checksum.sum(headerMemory, transport, UDP_HEADER, sum);
    Bytes.put16(headerMemory, transport + UDP_CHECKSUM, Checksum.finishNonZero(whole));
  }

  /** Gives the memory for headers back; its worker has ended. */
  @Override
  public void close() {
    regions.remove(headerRegion);
    arena.close();
  }
}
