package dev.outboard.testkit;

import dev.outboard.packet.Checksum;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.Offloads;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A TCP or UDP frame whose checksum is still to be filled in, and that may be longer than the MTU:
 * how it is sent, and whether what arrives is the same.
 *
 * @param segmentSize payload of one segment, or 0 if it is to stay one
 */
record Superframe(boolean ipv4, boolean tcp, int payload, int segmentSize) {
  private static final short IPV4 = 0x0800;
  private static final short IPV6 = (short) 0x86dd;
  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final int SEQUENCE = 1_000_000;
  private static final int PORT = 7000;

  private int transport() {
    return Frames.HEADER + (ipv4 ? 20 : 40);
  }

  private int headers() {
    return transport() + (tcp ? 20 : 8);
  }

  private static byte content(int i) {
    return (byte) (i * 7 + (i >>> 8) * 13);
  }

  /** The frame with the sum of its pseudo-header in place of its checksum. */
  Sent sent() {
    byte[] bytes = new byte[headers() + payload];
    ByteBuffer out = Frames.ethernet(bytes, Frames.LEFT, Frames.RIGHT, ipv4 ? IPV4 : IPV6);
    int protocol = tcp ? TCP : UDP;
    int behindIp = bytes.length - transport();
    if (ipv4) {
      out.put((byte) 0x45).put((byte) 0).putShort((short) (20 + behindIp));
      out.putShort((short) 1).putShort((short) 0x4000).put((byte) 64).put((byte) protocol);
      out.putShort((short) 0).putInt(0x0a00_0001).putInt(0x0a00_0002);
      int sum = Checksum.finish(Checksum.sum(MemorySegment.ofArray(bytes), Frames.HEADER, 20, 0));
      out.putShort(Frames.HEADER + 10, (short) sum);
    } else {
      out.putInt(0x6000_0000).putShort((short) behindIp).put((byte) protocol).put((byte) 64);
      out.putLong(0xfd00L << 48).putLong(1).putLong(0xfd00L << 48).putLong(2);
    }
    out.putShort((short) PORT).putShort((short) PORT);
    if (tcp) {
      out.putInt(SEQUENCE).putInt(1).put((byte) 0x50).put((byte) 0x10).putShort((short) 512);
      out.putInt(0);
    } else {
      out.putShort((short) behindIp).putShort((short) 0);
    }
    for (int i = 0; i < payload; i++) {
      out.put(content(i));
    }
    int offset = tcp ? 16 : 6;
    out.putShort(transport() + offset, (short) ~Checksum.finish(pseudoSum(bytes)));
    return Sent.of(bytes).needing(fields(), offset);
  }

  private long fields() {
    int kind = tcp ? ipv4 ? FrameBurst.GSO_TCPV4 : FrameBurst.GSO_TCPV6 : FrameBurst.GSO_UDP_L4;
    long fields = FrameBurst.NEEDS_CHECKSUM | (long) transport() << 48;
    return segmentSize == 0
        ? fields
        : fields | (long) kind << 8 | (long) headers() << 16 | (long) segmentSize << 32;
  }

  private long pseudoSum(byte[] frame) {
    int addresses = ipv4 ? 8 : 32;
    return Checksum.sum(
        MemorySegment.ofArray(frame),
        transport() - addresses,
        addresses,
        (tcp ? TCP : UDP) + (long) frame.length - transport());
  }

  /** Which offloads a received frame needs. */
  static int needs(Got got) {
    int needs = (got.offload() & FrameBurst.NEEDS_CHECKSUM) != 0 ? Offloads.CHECKSUM : 0;
    return needs
        | switch ((int) (got.offload() >>> 8) & 0xff) {
          case FrameBurst.GSO_NONE -> 0;
          case FrameBurst.GSO_TCPV4 -> Offloads.TSO4;
          case FrameBurst.GSO_TCPV6 -> Offloads.TSO6;
          case FrameBurst.GSO_UDP_L4 -> Offloads.USO;
          default -> 1 << 30;
        };
  }

  /** How much payload these frames bring, if they are of this kind. */
  int payloadOf(List<Got> frames) {
    return frames.stream().mapToInt(one -> Math.max(0, one.bytes().length - headers())).sum();
  }

  /** Checks that these frames, in order, are the super-frame or its segments. */
  void check(List<Got> frames, int longest, String counts) {
    int done = 0;
    for (Got got : frames) {
      done += check(got, done, longest);
    }
    int all = done;
    Check.that(
        all == payload,
        () -> "%d of %d bytes of payload arrived; %s".formatted(all, payload, counts));
  }

  private int check(Got got, int done, int longest) {
    byte[] bytes = got.bytes();
    Check.that(
        bytes.length >= headers() && done + bytes.length - headers() <= payload,
        () -> "a frame of %d bytes arrived behind %d of payload".formatted(bytes.length, done));
    ByteBuffer frame = ByteBuffer.wrap(bytes);
    int length = frame.getShort(Frames.HEADER + (ipv4 ? 2 : 4)) & 0xffff;
    Check.same(
        bytes.length - (ipv4 ? Frames.HEADER : transport()), length, "the length in the IP header");
    MemorySegment memory = MemorySegment.ofArray(bytes);
    if (ipv4) {
      int sum = Checksum.finish(Checksum.sum(memory, Frames.HEADER, 20, 0));
      Check.same(0, sum, "what is wrong with the IPv4 header's checksum");
    }
    if ((needs(got) & ~Offloads.CHECKSUM) == 0) {
      Check.that(
          bytes.length <= longest,
          () -> "a frame of %d bytes that needs no segmentation".formatted(bytes.length));
    }
    if (needs(got) == 0) {
      long sum = Checksum.sum(memory, transport(), bytes.length - transport(), pseudoSum(bytes));
      Check.same(0, Checksum.finish(sum), "what is wrong with the transport checksum");
    } else {
      Check.same(transport(), (int) (got.offload() >>> 48), "the start of the checksum");
      Check.same(tcp ? 16 : 6, got.checksumOffset(), "the place of the checksum");
    }
    if (tcp) {
      Check.same(SEQUENCE + done, frame.getInt(transport() + 4), "the TCP sequence number");
    }
    for (int i = headers(); i < bytes.length; i++) {
      int at = done + i - headers();
      byte seen = bytes[i];
      Check.that(
          seen == content(at),
          () -> "byte %d of the payload is %02x, not %02x".formatted(at, seen, content(at)));
    }
    return bytes.length - headers();
  }
}
