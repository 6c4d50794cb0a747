package dev.outboard.transport.tuntap;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Frames for tests, written by hand. */
final class Packets {
  static final int ETHERNET = 14;
  static final int IPV4 = 20;
  static final int TCP = 20;
  static final int TCP_HEADERS = ETHERNET + IPV4 + TCP;
  static final long BROADCAST = 0xffff_ffff_ffffL;

  private static final short TEST_TYPE = (short) 0x88b5;

  private Packets() {}

  /** A frame of a type no stack cares for, filled with a pattern of this seed. */
  static byte[] plain(long to, long from, int size, int seed) {
    byte[] bytes = new byte[size];
    ByteBuffer frame = ethernet(bytes, to, from, TEST_TYPE);
    while (frame.hasRemaining()) {
      frame.put((byte) (seed * 31 + frame.position() * 7));
    }
    return bytes;
  }

  /** A TCP segment over IPv4 with a patterned payload; sums are right, or the TCP one partial. */
  static byte[] tcp(long to, long from, int payload, boolean partialChecksum) {
    byte[] bytes = new byte[TCP_HEADERS + payload];
    ByteBuffer frame = ethernet(bytes, to, from, (short) 0x0800);
    frame.put((byte) 0x45).put((byte) 0).putShort((short) (IPV4 + TCP + payload));
    frame.putShort((short) 1).putShort((short) 0x4000).put((byte) 64).put((byte) 6);
    frame.putShort((short) 0).putInt(0x0a000001).putInt(0x0a000002);
    frame.putShort(24, (short) ~sum(bytes, ETHERNET, IPV4, 0));
    frame.putShort((short) 1000).putShort((short) 2000).putInt(1_000_000).putInt(5);
    frame.put((byte) 0x50).put((byte) 0x10).putShort((short) 500).putInt(0);
    for (int i = 0; i < payload; i++) {
      frame.put((byte) (i * 13 + (i >>> 8)));
    }
    int pseudo = sum(bytes, ETHERNET + 12, 8, 6 + TCP + payload);
    short check =
        (short) (partialChecksum ? pseudo : ~sum(bytes, ETHERNET + IPV4, TCP + payload, pseudo));
    frame.putShort(TCP_HEADERS - 4, check);
    return bytes;
  }

  /** A broadcast question for the owner of an IPv4 address. */
  static byte[] arpRequest(long from, int senderAddress, int wanted) {
    byte[] bytes = new byte[60];
    ByteBuffer frame = ethernet(bytes, BROADCAST, from, (short) 0x0806);
    frame.putShort((short) 1).putShort((short) 0x0800).put((byte) 6).put((byte) 4);
    frame.putShort((short) 1).putShort((short) (from >>> 32)).putInt((int) from);
    frame.putInt(senderAddress).putShort((short) 0).putInt(0).putInt(wanted);
    return bytes;
  }

  /** A small UDP packet over IPv4 for port 4000, without checksum. */
  static byte[] udp(long to, long from, int sender, int receiver) {
    byte[] bytes = new byte[60];
    ByteBuffer frame = ethernet(bytes, to, from, (short) 0x0800);
    frame.put((byte) 0x45).put((byte) 0).putShort((short) (IPV4 + 8 + 4));
    frame.putInt(0).put((byte) 64).put((byte) 17).putShort((short) 0);
    frame.putInt(sender).putInt(receiver);
    frame.putShort(24, (short) ~sum(bytes, ETHERNET, IPV4, 0));
    frame.putShort((short) 4000).putShort((short) 4000).putShort((short) 12).putShort((short) 0);
    return bytes;
  }

  /** Whether the TCP checksum, of a frame with Ethernet header in front, is right. */
  static boolean isTcpSumRight(byte[] frame) {
    int length = frame.length - ETHERNET - IPV4;
    int pseudo = sum(frame, ETHERNET + 12, 8, 6 + length);
    return sum(frame, ETHERNET + IPV4, length, pseudo) == 0xffff;
  }

  static int sum(byte[] bytes, int from, int length, int start) {
    long sum = start;
    for (int i = 0; i < length; i += 2) {
      int low = i + 1 < length ? bytes[from + i + 1] & 0xff : 0;
      sum += (bytes[from + i] & 0xff) << 8 | low;
    }
    while (sum > 0xffff) {
      sum = (sum & 0xffff) + (sum >>> 16);
    }
    return (int) sum;
  }

  static byte[] withoutHeader(byte[] received, int headerLength) {
    return Arrays.copyOfRange(received, headerLength, received.length);
  }

  private static ByteBuffer ethernet(byte[] bytes, long to, long from, short type) {
    ByteBuffer frame = ByteBuffer.wrap(bytes);
    frame.putShort((short) (to >>> 32)).putInt((int) to);
    frame.putShort((short) (from >>> 32)).putInt((int) from);
    return frame.putShort(type);
  }
}
