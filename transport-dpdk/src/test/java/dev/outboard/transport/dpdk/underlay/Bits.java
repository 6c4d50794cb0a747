package dev.outboard.transport.dpdk.underlay;

/** Fields of packets in arrays. */
final class Bits {
  private Bits() {}

  static int u16(byte[] bytes, int at) {
    return (bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff);
  }

  static void put16(byte[] bytes, int at, int value) {
    bytes[at] = (byte) (value >>> 8);
    bytes[at + 1] = (byte) value;
  }

  static void putMac(byte[] bytes, int at, long mac) {
    for (int i = 0; i < 6; i++) {
      bytes[at + i] = (byte) (mac >>> (40 - 8 * i));
    }
  }
}
