package dev.outboard.packet;

import java.lang.foreign.MemorySegment;

/** The Internet checksum (RFC 1071). */
public final class Checksum {
  private Checksum() {}

  /** Adds the 16-bit words of a range to a running sum; an odd last byte counts as a high byte. */
  public static long sum(MemorySegment memory, long at, int length, long start) {
    long sum = start;
    int i = 0;
    for (; i + 1 < length; i += 2) {
      sum += Bytes.u16(memory, at + i);
    }
    if (i < length) {
      sum += (long) Bytes.u8(memory, at + i) << 8;
    }
    return sum;
  }

  /** Folds a sum into the 16 bits that go into the header. */
  public static int finish(long sum) {
    long folded = sum;
    while (folded >>> 16 != 0) {
      folded = (folded & 0xffff) + (folded >>> 16);
    }
    return (int) ~folded & 0xffff;
  }
}
