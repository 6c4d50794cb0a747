package dev.outboard.transport.iouring;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Frames whose bytes follow from a number, so that a receiver can tell which one it has. */
final class Patterns {
  /** Where the number is, behind the Ethernet header. */
  private static final int NUMBER = 14;

  /** The shortest frame that can tell its number. */
  static final int SHORTEST = 18;

  private Patterns() {}

  static void write(MemorySegment frame, int number) {
    for (long i = 0; i < frame.byteSize(); i++) {
      frame.set(ValueLayout.JAVA_BYTE, i, (byte) (i * 7 + number));
    }
    if (frame.byteSize() >= SHORTEST) {
      frame.set(ValueLayout.JAVA_INT_UNALIGNED, NUMBER, number);
    }
  }

  static int number(MemorySegment frame) {
    return frame.get(ValueLayout.JAVA_INT_UNALIGNED, NUMBER);
  }

  /** Whether the bytes are those of the frame with this number. */
  static boolean matches(MemorySegment frame, int number) {
    byte[] expected = new byte[(int) frame.byteSize()];
    write(MemorySegment.ofArray(expected), number);
    return frame.mismatch(MemorySegment.ofArray(expected)) == -1;
  }
}
