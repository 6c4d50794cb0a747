package dev.outboard.engine;

import dev.outboard.guest.Endpoint;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Frames that are nearly right: a virtio-net header, then Ethernet with ARP, IPv4, IPv6, neighbour
 * discovery, TCP or UDP, with some fields wrong and cut anywhere.
 */
public final class FuzzFrames {
  private static final int LARGEST = 2000;
  private static final long BROADCAST = 0xffff_ffff_ffffL;
  private static final long ALL_NODES = 0x3333_0000_0001L;

  private final long own;
  private final long other;

  /** Frames of one guest to another. */
  public FuzzFrames(Endpoint from, Endpoint to) {
    own = from.mac();
    other = to.mac();
  }

  /** The next frame with its virtio-net header in front. */
  public byte[] next(FuzzInput in) {
    ByteBuffer frame = ByteBuffer.allocate(LARGEST);
    header(in, frame);
    address(in, frame, in.oneOf(other, other, BROADCAST, ALL_NODES, own, in.word()));
    address(in, frame, in.oneIn(8) ? in.word() : own);
    int type = (int) in.oneOf(0x0800, 0x86dd, 0x0806, 0x88b5, 0x8100, in.below(65_536));
    frame.putShort((short) type);
    switch (type) {
      case 0x0800 -> ipv4(in, frame);
      case 0x86dd -> ipv6(in, frame);
      case 0x0806 -> arp(in, frame);
      default -> {}
    }
    int payload = in.below(600);
    for (int i = 0; i < payload; i++) {
      frame.put((byte) (in.hasMore() ? in.octet() : i));
    }
    int length = in.oneIn(4) ? in.below(frame.position() + 1) : frame.position();
    return Arrays.copyOf(frame.array(), length);
  }

  private static void header(FuzzInput in, ByteBuffer frame) {
    if (!in.oneIn(3)) {
      frame.put(new byte[12]);
      return;
    }
    frame.put((byte) in.oneOf(1, 0, 2, in.octet()));
    frame.put((byte) in.oneOf(0, 1, 3, 4, 5, 0x80 | 1, in.octet()));
    little(frame, in.oneOf(54, 66, in.edge()));
    little(frame, in.oneOf(1448, 0, 1, in.edge()));
    little(frame, in.oneOf(34, 54, 14, in.edge()));
    little(frame, in.oneOf(16, 6, in.edge()));
    little(frame, in.oneOf(0, in.edge()));
  }

  private static void little(ByteBuffer frame, long value) {
    frame.put((byte) value).put((byte) (value >>> 8));
  }

  private static void address(FuzzInput in, ByteBuffer frame, long mac) {
    long bits = in.oneIn(32) ? mac ^ in.octet() : mac;
    frame.putShort((short) (bits >>> 32)).putInt((int) bits);
  }

  private static int hostAddress(FuzzInput in) {
    return (int) in.oneOf(0x0a00_0001, 0x0a00_0003, 0, -1, 0xe000_0001L, 0x0a00_0000 | in.octet());
  }

  private void arp(FuzzInput in, ByteBuffer frame) {
    frame.putShort((short) in.oneOf(1, 1, 1, in.edge()));
    frame.putShort((short) in.oneOf(0x0800, 0x0800, in.edge()));
    frame.put((byte) in.oneOf(6, 6, in.octet())).put((byte) in.oneOf(4, 4, in.octet()));
    frame.putShort((short) in.oneOf(1, 2, in.edge()));
    address(in, frame, in.oneOf(own, other));
    frame.putInt(hostAddress(in));
    address(in, frame, in.oneOf(0, other));
    frame.putInt(hostAddress(in));
  }

  private static void ipv4(FuzzInput in, ByteBuffer frame) {
    int words = (int) in.oneOf(5, 5, 6, 15, in.octet());
    frame.put((byte) (in.oneOf(4, 4, 4, in.octet()) << 4 | (words & 15))).put((byte) 0);
    frame.putShort((short) in.oneOf(100, 1500, in.edge())).putShort((short) in.octet());
    frame.putShort((short) in.oneOf(0, 0x2000, 0x4000, in.edge()));
    int protocol = (int) in.oneOf(6, 17, 1, 2, in.octet());
    frame.put((byte) 64).put((byte) protocol).putShort((short) in.edge());
    frame.putInt(hostAddress(in)).putInt(hostAddress(in));
    for (int i = 5; i < (words & 15); i++) {
      frame.putInt((int) in.edge());
    }
    transport(in, frame, protocol);
  }

  private static void ipv6(FuzzInput in, ByteBuffer frame) {
    frame.putInt((int) in.oneOf(0x6000_0000L, 0x6000_0000L, in.edge()));
    frame.putShort((short) in.oneOf(100, 0, in.edge()));
    int next = (int) in.oneOf(58, 6, 17, 0, 43, 44, 60, in.octet());
    frame.put((byte) next).put((byte) in.oneOf(255, 64, in.octet()));
    for (int i = 0; i < 2; i++) {
      frame.putLong(in.oneOf(0, 0xfe80_0000_0000_0000L, 0xff02_0000_0000_0000L, in.word()));
      frame.putLong(in.oneOf(0, 1, 0x5054_00ff_fe00_0001L, 0x0000_0001_ff00_0001L, in.word()));
    }
    while (isExtension(next) && frame.remaining() > 1500) {
      next = (int) in.oneOf(58, 6, 17, 0, 43, 44, 60, in.octet());
      int length = (int) in.oneOf(0, 1, in.octet());
      frame.put((byte) next).put((byte) length).putShort((short) in.edge()).putInt(0);
    }
    transport(in, frame, next);
  }

  private static boolean isExtension(int next) {
    return next == 0 || next == 43 || next == 44 || next == 60;
  }

  private static void transport(FuzzInput in, ByteBuffer frame, int protocol) {
    switch (protocol) {
      case 6 -> {
        frame.putShort((short) in.edge()).putShort((short) in.edge());
        frame.putInt((int) in.edge()).putInt((int) in.edge());
        frame.putShort((short) (in.oneOf(5, 5, 15, 0, in.octet()) << 12 | in.octet()));
        frame.putShort((short) in.edge()).putShort((short) 0).putShort((short) in.edge());
      }
      case 17 -> {
        frame.putShort((short) in.oneOf(68, 67, in.edge()));
        frame.putShort((short) in.oneOf(67, 68, in.edge()));
        frame.putShort((short) in.oneOf(100, 0, in.edge())).putShort((short) in.edge());
      }
      case 58 -> {
        frame.put((byte) in.oneOf(135, 136, 133, 143, in.octet())).put((byte) in.oneOf(0, 1));
        frame.putShort((short) in.edge()).putInt((int) in.edge());
        frame.putLong(in.oneOf(0xfe80_0000_0000_0000L, in.word())).putLong(in.word());
        frame.put((byte) in.oneOf(1, 2, in.octet())).put((byte) in.oneOf(1, 0, in.octet()));
      }
      default -> {}
    }
  }
}
