package dev.outboard.packet;

import dev.outboard.spi.FrameBurst;
import java.lang.foreign.MemorySegment;

/**
 * What the {@link Coalescer} has to know of a frame that may be one of several consecutive segments
 * of a TCP flow. Scratch of one worker.
 */
final class TcpSegment {
  /** What {@link #read} says: a segment that may be joined to others. */
  static final int SEGMENT = 0;

  /** TCP, but not to be joined; {@link #isSameFlow} holds for it. */
  static final int ALONE = 1;

  /** Perhaps of a flow, but which can't be told. */
  static final int UNKNOWN = 2;

  /** Certainly not TCP. */
  static final int OTHER = 3;

  static final int TCP_FLAGS = 13;
  static final int TCP_CHECKSUM = 16;
  static final int PSH = 0x08;

  private static final int ACK = 0x10;
  private static final int TCP_HEADER = 20;
  private static final int PORTS = 4;
  private static final int IPV6_FRAGMENT = 44;
  private static final int DONT_FRAGMENT = 0x4000;

  private final TransportPlace place = new TransportPlace();
  private final FrameCursor cursor = new FrameCursor();

  private MemorySegment memory;
  private long at;
  private int headers;
  private int payload;

  /** Looks at a frame; its first fragment must hold its headers, and be private. */
  int read(FrameBurst burst, int i) {
    int first = burst.firstFragment(i);
    memory = burst.segment(first);
    at = burst.offset(first);
    int available = Math.min(burst.fragmentLength(first), Segmenter.LONGEST_HEADERS);
    if (available < Ethernet.HEADER || !isIp()) {
      return OTHER;
    }
    if (!place.find(memory, at, available)) {
      return UNKNOWN;
    }
    if (place.protocol() != Ip.TCP) {
      return place.protocol() == IPV6_FRAGMENT ? UNKNOWN : OTHER;
    }
    int start = place.start();
    if (place.isFragment() || start + TCP_HEADER > available) {
      return UNKNOWN;
    }
    headers = start + (Bytes.u8(memory, at + start + 12) >>> 4) * 4;
    payload = burst.length(i) - headers;
    boolean joinable =
        headers >= start + TCP_HEADER
            && headers <= available
            && payload > 0
            && (flags() & ~PSH) == ACK
            && burst.segmentation(i) == FrameBurst.GSO_NONE
            && place.hasLength(memory, at, burst.length(i))
            && (!place.isIpv4() || isPlainIpv4())
            && isChecksumRight(burst, i);
    return joinable ? SEGMENT : ALONE;
  }

  private boolean isIp() {
    int type = (int) Ethernet.sourceAndType(memory, at) & 0xffff;
    return type == Ethernet.IPV4 || type == Ethernet.IPV6;
  }

  private boolean isPlainIpv4() {
    return place.start() == Ip.IPV4_END && Checksum.fold(place.ipv4Sum(memory, at)) == 0xffff;
  }

  /** Right, or left to whoever takes the frame, with the right sum to begin with. */
  private boolean isChecksumRight(FrameBurst burst, int i) {
    int start = place.start();
    long pseudo = place.pseudoSum(memory, at, burst.length(i));
    if (burst.needsChecksum(i)) {
      return burst.checksumStart(i) == start
          && burst.checksumOffset(i) == TCP_CHECKSUM
          && Bytes.u16(memory, at + start + TCP_CHECKSUM) == Checksum.fold(pseudo);
    }
    cursor.start(burst, i);
    cursor.skip(start);
    return Checksum.fold(pseudo + cursor.sum(burst.length(i) - start)) == 0xffff;
  }

  TransportPlace place() {
    return place;
  }

  /** Bytes of all headers. */
  int headers() {
    return headers;
  }

  /** Bytes of payload. */
  int payload() {
    return payload;
  }

  int sequence() {
    return Bytes.i32(memory, at + place.start() + 4);
  }

  private int flags() {
    return Bytes.u8(memory, at + place.start() + TCP_FLAGS);
  }

  /** Whether the sender has nothing more to send for now. */
  boolean isPushed() {
    return (flags() & PSH) != 0;
  }

  /** The IPv4 identification; 0 for IPv6. */
  int id() {
    return place.isIpv4() ? Bytes.u16(memory, at + 18) : 0;
  }

  /** Whether the IPv4 identification has no meaning, because nobody may cut the packet. */
  boolean isUncuttable() {
    return !place.isIpv4() || (Bytes.u16(memory, at + 20) & DONT_FRAGMENT) != 0;
  }

  /** Whether addresses and ports are those of another TCP frame's headers. */
  boolean isSameFlow(MemorySegment other, long otherAt, int otherStart) {
    return place.start() == otherStart
        && isSame(other, otherAt, 12, 15)
        && isSame(other, otherAt, place.isIpv4() ? 26 : 22, place.isIpv4() ? 34 : 54)
        && isSame(other, otherAt, otherStart, otherStart + PORTS);
  }

  /** Whether headers are the same but for what differs from one segment to the next. */
  boolean hasSameHeaders(MemorySegment other, long otherAt, int otherStart, int otherHeaders) {
    if (headers != otherHeaders || place.start() != otherStart) {
      return false;
    }
    boolean sameNetwork =
        place.isIpv4()
            ? isSame(other, otherAt, 0, 16)
                && isSame(other, otherAt, 20, 24)
                && isSame(other, otherAt, 26, otherStart)
            : isSame(other, otherAt, 0, 18) && isSame(other, otherAt, 20, otherStart);
    return sameNetwork
        && isSame(other, otherAt, otherStart, otherStart + 4)
        && isSame(other, otherAt, otherStart + 8, otherStart + TCP_FLAGS)
        && isSame(other, otherAt, otherStart + 14, otherStart + TCP_CHECKSUM)
        && isSame(other, otherAt, otherStart + 18, otherHeaders);
  }

  private boolean isSame(MemorySegment other, long otherAt, int from, int to) {
    return MemorySegment.mismatch(memory, at + from, at + to, other, otherAt + from, otherAt + to)
        < 0;
  }
}
