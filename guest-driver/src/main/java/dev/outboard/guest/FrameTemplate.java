package dev.outboard.guest;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One kind of frame that a load sends over and over. The image (virtio-net header and frame) is
 * copied into each buffer once; after that only a sequence number is stamped into it, so that a
 * load measures the network and not the making of frames. With {@link #withContent} the whole
 * payload is a function of the sequence number, for tests. Immutable; any thread.
 *
 * <p>Raw and UDP frames carry the number in the first eight payload bytes. TCP frames carry their
 * place in the byte stream in the TCP sequence field, so that segmentation and coalescing on the
 * way leave it checkable.
 */
public final class FrameTemplate {
  /** What is in the Ethernet frame. */
  public enum Kind {
    RAW,
    UDP,
    TCP
  }

  static final ValueLayout.OfLong SEQUENCE =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfInt TCP_SEQUENCE =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  static final int TCP_SEQUENCE_OFFSET = 4;

  private static final AtomicInteger IDS = new AtomicInteger();
  private static final int PORT = 7000;
  private static final int MTU = 1500;
  private static final int FRAGMENT_UNIT = 8;
  private static final int SHORTEST = 60;

  private final int id = IDS.incrementAndGet();
  private final Kind kind;
  private final MemorySegment image;
  private final int length;
  private final int transport;
  private final int payload;
  private final boolean content;
  private final boolean tcp;

  private FrameTemplate(Kind kind, byte[] image, int transport, int payload, boolean content) {
    this.kind = kind;
    // Native like every buffer, so that the hot accessors meet one class of segment only.
    this.image = Arena.ofAuto().allocate(image.length);
    MemorySegment.copy(image, 0, this.image, ValueLayout.JAVA_BYTE, 0, image.length);
    this.length = image.length - VirtioNet.HEADER_SIZE;
    this.transport = transport;
    this.payload = payload;
    this.content = content;
    this.tcp = kind == Kind.TCP;
  }

  /** A frame of the test EtherType; {@code length} counts from the Ethernet header on. */
  public static FrameTemplate raw(Endpoint from, Endpoint to, int length) {
    byte[] body = new byte[atLeast(length - Frames.ETHERNET_HEADER)];
    byte[] frame = Frames.ethernet(to.mac(), from.mac(), Frames.TYPE_TEST, body);
    int start = Frames.ETHERNET_HEADER;
    return new FrameTemplate(Kind.RAW, image(frame), start, start, false);
  }

  /**
   * UDP over IPv4 or IPv6, as the addresses say. Over IPv4 the checksum is zero, which means none;
   * over IPv6 it is left to the device, so CSUM must be agreed.
   */
  public static FrameTemplate udp(Endpoint from, Endpoint to, int length) {
    int transport = Frames.ETHERNET_HEADER + ipHeader(from);
    int start = transport + Frames.UDP_HEADER;
    byte[] body = new byte[atLeast(length - start)];
    byte[] datagram = Frames.udp(from.ip(), to.ip(), PORT, PORT, body);
    byte[] image = image(ip(from, to, Frames.PROTOCOL_UDP, datagram));
    ByteBuffer out = ByteBuffer.wrap(image);
    int checksum = VirtioNet.HEADER_SIZE + transport + 6;
    if (from.isIpv4()) {
      out.putShort(checksum, (short) 0);
    } else {
      leaveChecksum(out, from, to, Frames.PROTOCOL_UDP, transport, 6);
    }
    return new FrameTemplate(Kind.UDP, image, transport, start, false);
  }

  /**
   * TCP over IPv4 or IPv6 with the checksum left to the device; longer than the MTU, it is a
   * super-frame to be cut into segments of {@code segment} payload bytes.
   */
  public static FrameTemplate tcp(Endpoint from, Endpoint to, int length, int segment) {
    int transport = Frames.ETHERNET_HEADER + ipHeader(from);
    int start = transport + Frames.TCP_HEADER;
    byte[] body = new byte[atLeast(length - start)];
    byte[] bytes = Frames.tcp(from.ip(), to.ip(), PORT, PORT, 0, body);
    byte[] image = image(ip(from, to, Frames.PROTOCOL_TCP, bytes));
    ByteBuffer out = ByteBuffer.wrap(image);
    leaveChecksum(out, from, to, Frames.PROTOCOL_TCP, transport, 16);
    if (body.length > segment) {
      out.put(
          VirtioNet.HEADER_GSO_TYPE,
          (byte) (from.isIpv4() ? VirtioNet.GSO_TCPV4 : VirtioNet.GSO_TCPV6));
      out.order(ByteOrder.LITTLE_ENDIAN)
          .putShort(VirtioNet.HEADER_LENGTH, (short) start)
          .putShort(VirtioNet.HEADER_GSO_SIZE, (short) segment);
    }
    return new FrameTemplate(Kind.TCP, image, transport, start, false);
  }

  /**
   * A datagram of so many payload bytes over IPv4 as the frames that a network of 1,500 bytes needs
   * for it: one, or fragments, the first of which carries the number. All datagrams have the same
   * IP identification, so a receiver that joins them gets one at a time.
   */
  public static List<FrameTemplate> datagram(Endpoint from, Endpoint to, int payload) {
    int overhead = Frames.IPV4_HEADER + Frames.UDP_HEADER;
    if (payload <= MTU - overhead) {
      return List.of(udp(from, to, Frames.ETHERNET_HEADER + overhead + payload));
    }
    byte[] datagram = Frames.udp(from.ip(), to.ip(), PORT, PORT, new byte[payload]);
    datagram[6] = 0; // no checksum: the number changes
    datagram[7] = 0;
    List<FrameTemplate> frames = new ArrayList<>();
    int most = (MTU - Frames.IPV4_HEADER) & -FRAGMENT_UNIT;
    for (int at = 0; at < datagram.length; at += most) {
      int end = Math.min(datagram.length, at + most);
      byte[] packet =
          Frames.ipv4Fragment(
              from.ip(),
              to.ip(),
              Frames.PROTOCOL_UDP,
              Arrays.copyOfRange(datagram, at, end),
              at,
              end < datagram.length);
      byte[] frame = Frames.ethernet(to.mac(), from.mac(), Frames.TYPE_IPV4, packet);
      byte[] padded = Arrays.copyOf(frame, Math.max(frame.length, SHORTEST));
      int transport = Frames.ETHERNET_HEADER + Frames.IPV4_HEADER;
      int start = transport + Frames.UDP_HEADER;
      frames.add(new FrameTemplate(Kind.UDP, image(padded), transport, start, false));
    }
    return frames;
  }

  /** The same frame with a payload that depends on the sequence number: slow, for tests. */
  public FrameTemplate withContent() {
    return new FrameTemplate(kind, image.toArray(ValueLayout.JAVA_BYTE), transport, payload, true);
  }

  /** The same frame from another port of the sender: another flow. Not for {@link Kind#RAW}. */
  public FrameTemplate fromPort(int port) {
    byte[] other = image.toArray(ValueLayout.JAVA_BYTE);
    ByteBuffer.wrap(other).putShort(VirtioNet.HEADER_SIZE + transport, (short) port);
    return new FrameTemplate(kind, other, transport, payload, content);
  }

  private static int atLeast(int payload) {
    if (payload < Long.BYTES) {
      throw new IllegalArgumentException("the frame is too short for a sequence number");
    }
    return payload;
  }

  private static int ipHeader(Endpoint endpoint) {
    return endpoint.isIpv4() ? Frames.IPV4_HEADER : Frames.IPV6_HEADER;
  }

  private static byte[] ip(Endpoint from, Endpoint to, int protocol, byte[] payload) {
    return from.isIpv4()
        ? Frames.ethernet(
            to.mac(),
            from.mac(),
            Frames.TYPE_IPV4,
            Frames.ipv4Packet(from.ip(), to.ip(), protocol, payload))
        : Frames.ethernet(
            to.mac(),
            from.mac(),
            Frames.TYPE_IPV6,
            Frames.ipv6Packet(from.ip(), to.ip(), protocol, 64, payload));
  }

  private static byte[] image(byte[] frame) {
    byte[] image = new byte[VirtioNet.HEADER_SIZE + frame.length];
    System.arraycopy(frame, 0, image, VirtioNet.HEADER_SIZE, frame.length);
    return image;
  }

  private static void leaveChecksum(
      ByteBuffer image, Endpoint from, Endpoint to, int protocol, int transport, int field) {
    int segment = image.capacity() - VirtioNet.HEADER_SIZE - transport;
    int sum = Frames.pseudoHeaderSum(from.ip(), to.ip(), protocol, segment);
    image.putShort(VirtioNet.HEADER_SIZE + transport + field, (short) sum);
    ByteBuffer header = image.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    header.put(VirtioNet.HEADER_FLAGS, (byte) VirtioNet.NEEDS_CHECKSUM);
    header.putShort(VirtioNet.HEADER_CHECKSUM_START, (short) transport);
    header.putShort(VirtioNet.HEADER_CHECKSUM_OFFSET, (short) field);
  }

  /** Tells templates apart, so that a buffer knows what it holds. Never 0. */
  public int id() {
    return id;
  }

  public Kind kind() {
    return kind;
  }

  /** Bytes from the Ethernet header on. */
  public int length() {
    return length;
  }

  /** Where the transport header (of a raw frame: the payload) begins in the frame. */
  int transportOffset() {
    return transport;
  }

  /** Where the payload begins in the frame. */
  public int payloadOffset() {
    return payload;
  }

  /** Payload bytes in one frame. */
  public int payloadLength() {
    return length - payload;
  }

  /** Whether the payload depends on the sequence number. */
  public boolean hasContent() {
    return content;
  }

  /** A copy of the image. Cold. */
  public byte[] bytes() {
    return image.toArray(ValueLayout.JAVA_BYTE);
  }

  /** The image: the virtio-net header, then the frame. */
  MemorySegment image() {
    return image;
  }

  /** Puts the whole image at {@code offset}, where the virtio-net header goes. */
  void copyTo(MemorySegment memory, long offset) {
    MemorySegment.copy(image, 0, memory, offset, image.byteSize());
  }

  /** Hot: makes the image at {@code offset} the frame with this number. */
  void stamp(MemorySegment memory, long offset, long sequence) {
    long frame = offset + VirtioNet.HEADER_SIZE;
    if (content) {
      fill(memory, frame + payload, sequence);
    }
    if (tcp) {
      int place = (int) (sequence * payloadLength());
      memory.set(TCP_SEQUENCE, frame + transport + TCP_SEQUENCE_OFFSET, place);
    } else {
      memory.set(SEQUENCE, frame + payload, sequence);
    }
  }

  private void fill(MemorySegment memory, long at, long sequence) {
    int count = payloadLength();
    for (int i = tcp ? 0 : Long.BYTES; i < count; i++) {
      memory.set(ValueLayout.JAVA_BYTE, at + i, expected(sequence, i));
    }
  }

  /** The payload byte that belongs at {@code index} of frame {@code sequence}. */
  byte expected(long sequence, long index) {
    // A stream's bytes depend on their place alone, because frames may be cut anew on the way.
    long place = tcp ? sequence * payloadLength() + index : sequence * 17 + index * 31;
    return (byte) (place ^ (place >>> 8) ^ (place >>> 16));
  }
}
