package dev.outboard.packet;

import dev.outboard.spi.FrameBurst;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;

/**
 * A TCP or UDP frame for tests, described rather than written down; built apart from the code under
 * test.
 *
 * @param options bytes of IPv4 options, a multiple of 4
 * @param extensions IPv6 extension headers in front of the transport header
 * @param tcpOptions bytes of TCP options, a multiple of 4
 * @param flags of TCP
 * @param payload in bytes
 * @param segmentSize payload of one segment
 */
record TestFrame(
    boolean ipv4,
    boolean tcp,
    int options,
    List<Extension> extensions,
    int tcpOptions,
    int flags,
    int payload,
    int segmentSize,
    int sequence,
    int id,
    long seed) {

  /** An IPv6 extension header of so many bytes, a multiple of 8. */
  record Extension(int number, int bytes) {}

  static final int HOP_BY_HOP = 0;
  static final int ROUTING = 43;
  static final int DESTINATION = 60;

  static final int ACK = 0x10;
  static final int PSH = 0x08;
  static final int FIN = 0x01;
  static final int CWR = 0x80;

  static final long TO = 0x5254_0000_0002L;
  static final long FROM = 0x5254_0000_0001L;
  static final int PORT = 7000;

  /** Without options: what a stack sends that is in the middle of a stream. */
  static TestFrame plain(boolean ipv4, boolean tcp, int payload, int segmentSize) {
    return new TestFrame(
        ipv4, tcp, 0, List.of(), 0, ACK, payload, segmentSize, 1_000_000, 0x1234, 42);
  }

  TestFrame withFlags(int value) {
    return new TestFrame(
        ipv4,
        tcp,
        options,
        extensions,
        tcpOptions,
        value,
        payload,
        segmentSize,
        sequence,
        id,
        seed);
  }

  int transport() {
    return ipv4 ? 34 + options : 54 + extensions.stream().mapToInt(Extension::bytes).sum();
  }

  int headers() {
    return transport() + (tcp ? 20 + tcpOptions : 8);
  }

  int length() {
    return headers() + payload;
  }

  int checksumOffset() {
    return tcp ? 16 : 6;
  }

  int protocol() {
    return tcp ? 6 : 17;
  }

  /** The offload fields of a super-frame. */
  long superOffload() {
    int kind = tcp ? ipv4 ? FrameBurst.GSO_TCPV4 : FrameBurst.GSO_TCPV6 : FrameBurst.GSO_UDP_L4;
    return checksumOffload() | (long) kind << 8 | (long) headers() << 16 | (long) segmentSize << 32;
  }

  /** The offload fields of a frame whose checksum only is missing. */
  long checksumOffload() {
    return FrameBurst.NEEDS_CHECKSUM | (long) transport() << 48;
  }

  /** The frame with the pseudo-header's sum in its checksum field. */
  byte[] bytes() {
    Random random = new Random(seed);
    byte[] bytes = new byte[length()];
    ByteBuffer out = ByteBuffer.wrap(bytes);
    out.putShort((short) (TO >>> 32)).putInt((int) TO);
    out.putShort((short) (FROM >>> 32)).putInt((int) FROM);
    if (ipv4) {
      putIpv4(out, bytes);
    } else {
      putIpv6(out);
    }
    int start = out.position();
    out.putShort((short) PORT).putShort((short) PORT);
    if (tcp) {
      out.putInt(sequence).putInt(77).put((byte) ((20 + tcpOptions) << 2)).put((byte) flags);
      out.putShort((short) 512).putInt(0);
      for (int i = 0; i < tcpOptions; i++) {
        out.put((byte) 1);
      }
    } else {
      out.putShort((short) (8 + payload)).putShort((short) 0);
    }
    byte[] content = new byte[payload];
    random.nextBytes(content);
    out.put(content);
    out.putShort(start + checksumOffset(), (short) pseudoSum(bytes));
    return bytes;
  }

  private void putIpv4(ByteBuffer out, byte[] bytes) {
    out.putShort((short) 0x0800);
    out.put((byte) (0x45 + options / 4)).put((byte) 0).putShort((short) (length() - 14));
    out.putShort((short) id).putShort((short) 0x4000).put((byte) 64).put((byte) protocol());
    out.putShort((short) 0).putInt(0x0a000001).putInt(0x0a000002);
    for (int i = 0; i < options; i++) {
      out.put((byte) 1);
    }
    out.putShort(24, (short) ~sum(bytes, 14, 20 + options, 0));
  }

  private void putIpv6(ByteBuffer out) {
    out.putShort((short) 0x86dd).putInt(0x6001_2345).putShort((short) (length() - 54));
    out.put((byte) (extensions.isEmpty() ? protocol() : extensions.getFirst().number()));
    out.put((byte) 64).putLong(0xfd00L << 48).putLong(1).putLong(0xfd00L << 48).putLong(2);
    for (int i = 0; i < extensions.size(); i++) {
      Extension extension = extensions.get(i);
      boolean last = i == extensions.size() - 1;
      int end = out.position() + extension.bytes();
      out.put((byte) (last ? protocol() : extensions.get(i + 1).number()));
      out.put((byte) (extension.bytes() / 8 - 1));
      // Padding; for a routing header: of an unknown type, with nowhere left to go.
      boolean options = extension.number() != ROUTING;
      out.put((byte) (options ? 1 : 253)).put((byte) (options ? extension.bytes() - 4 : 0));
      out.position(end);
    }
  }

  /** The folded sum of the pseudo-header of a frame with these network headers. */
  int pseudoSum(byte[] frame) {
    int from = ipv4 ? 26 : 22;
    return sum(frame, from, ipv4 ? 8 : 32, protocol() + frame.length - transport());
  }

  /** Whether transport and IPv4 checksum of a frame with these headers are right. */
  boolean areChecksumsRight(byte[] frame) {
    boolean transportRight =
        sum(frame, transport(), frame.length - transport(), pseudoSum(frame)) == 0xffff;
    boolean zero = frame[transport() + 6] == 0 && frame[transport() + 7] == 0;
    return transportRight && (tcp || !zero) && (!ipv4 || sum(frame, 14, 20 + options, 0) == 0xffff);
  }

  /** The frame with its checksum filled in, as a sender without offloads makes it. */
  byte[] finished() {
    byte[] frame = bytes();
    int at = transport() + checksumOffset();
    int checksum = ~sum(frame, transport(), frame.length - transport(), 0) & 0xffff;
    ByteBuffer.wrap(frame).putShort(at, (short) (checksum == 0 && !tcp ? 0xffff : checksum));
    return frame;
  }

  static int sum(byte[] bytes, int from, int length, int initial) {
    long sum = initial;
    for (int i = 0; i < length; i++) {
      int octet = bytes[from + i] & 0xff;
      sum += (i & 1) == 0 ? octet << 8 : octet;
    }
    while (sum >>> 16 != 0) {
      sum = (sum & 0xffff) + (sum >>> 16);
    }
    return (int) sum;
  }
}
