package dev.outboard.testkit;

import dev.outboard.spi.MacAddress;
import java.nio.ByteBuffer;

/** Frames whose bytes follow from their number, so that a receiver can tell which one it has. */
final class Frames {
  static final int HEADER = 14;

  /** The guests, or stations, that frames go between. */
  static final int LEFT = 1;

  static final int RIGHT = 2;

  /** The shortest that Ethernet has. */
  static final int SHORTEST = 60;

  /** What networks usually carry. */
  static final int USUAL_MTU = 1500;

  /** For experiments: no stack cares for it. */
  private static final short TYPE = (short) 0x88b5;

  private static final long FIRST_MAC = 0x5254_0000_0000L;

  private Frames() {}

  static MacAddress mac(int guest) {
    return new MacAddress(FIRST_MAC + guest);
  }

  /** Writes Ethernet addresses of a frame from the left to the right side. */
  static ByteBuffer ethernet(byte[] bytes, int from, int to, short type) {
    ByteBuffer frame = ByteBuffer.wrap(bytes);
    long destination = mac(to).bits();
    long source = mac(from).bits();
    frame.putShort((short) (destination >>> 32)).putInt((int) destination);
    frame.putShort((short) (source >>> 32)).putInt((int) source);
    return frame.putShort(type);
  }

  static byte[] plain(int from, int to, int number, int length) {
    byte[] bytes = new byte[length];
    ByteBuffer frame = ethernet(bytes, from, to, TYPE).putInt(number);
    while (frame.hasRemaining()) {
      frame.put((byte) (frame.position() * 7 + number * 31));
    }
    return bytes;
  }

  /** The number of a frame that was made here, or -1. */
  static int number(byte[] frame) {
    ByteBuffer bytes = ByteBuffer.wrap(frame);
    return frame.length >= HEADER + Integer.BYTES && bytes.getShort(HEADER - 2) == TYPE
        ? bytes.getInt(HEADER)
        : -1;
  }

  /** How a frame differs from what it should be, in words; null if it does not. */
  static String difference(byte[] expected, byte[] seen) {
    if (expected.length != seen.length) {
      return "a frame of %d bytes (number %d) in place of one of %d (number %d)"
          .formatted(seen.length, number(seen), expected.length, number(expected));
    }
    for (int i = 0; i < expected.length; i++) {
      if (expected[i] != seen[i]) {
        return "byte %d of frame %d (%d bytes) is %02x, not %02x"
            .formatted(i, number(expected), expected.length, seen[i], expected[i]);
      }
    }
    return null;
  }
}
