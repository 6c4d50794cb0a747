package dev.outboard.packet;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The Internet checksum (RFC 1071).
 *
 * <p>Theory of operation. A ones' complement sum does not care for the order of bytes, but for one
 * swap at its end, nor for the size of words. So long ranges are summed in words as the machine
 * loads them, four at a time, the halves of each apart so that no carry is lost.
 */
public final class Checksum {
  private static final ValueLayout.OfLong WORD =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final long LOW = 0xffff_ffffL;

  /** What stands in a UDP header in place of a sum of 0, which would mean that there is none. */
  private static final int UDP_ZERO = 0xffff;

  private Checksum() {}

  /** Adds the 16-bit words of a range to a running sum; an odd last byte counts as a high byte. */
  public static long sum(MemorySegment memory, long at, int length, long start) {
    long even = 0;
    long odd = 0;
    int i = 0;
    for (; i + 32 <= length; i += 32) {
      long a = memory.get(WORD, at + i);
      long b = memory.get(WORD, at + i + 8);
      long c = memory.get(WORD, at + i + 16);
      long d = memory.get(WORD, at + i + 24);
      even += (a & LOW) + (b & LOW) + (c & LOW) + (d & LOW);
      odd += (a >>> 32) + (b >>> 32) + (c >>> 32) + (d >>> 32);
    }
    for (; i + 8 <= length; i += 8) {
      long word = memory.get(WORD, at + i);
      even += word & LOW;
      odd += word >>> 32;
    }
    long sum = start + swap(fold(even + odd));
    for (; i + 1 < length; i += 2) {
      sum += Bytes.u16(memory, at + i);
    }
    if (i < length) {
      sum += (long) Bytes.u8(memory, at + i) << 8;
    }
    return sum;
  }

  /** Adds a sum of bytes that begin at an odd place of the range summed. */
  static long addOdd(long sum, long atOddPlace) {
    return sum + swap(fold(atOddPlace));
  }

  private static int swap(int sum) {
    return (sum & 0xff) << 8 | sum >>> 8;
  }

  /** The 16 bits that a sum comes to; 0 only if nothing but zeros was summed. */
  public static int fold(long sum) {
    long folded = (sum & LOW) + (sum >>> 32);
    while (folded >>> 16 != 0) {
      folded = (folded & 0xffff) + (folded >>> 16);
    }
    return (int) folded;
  }

  /** Folds a sum into the 16 bits that go into the header. */
  public static int finish(long sum) {
    return ~fold(sum) & 0xffff;
  }

  /** As {@link #finish} for a header in which 0 would mean that there is no checksum. */
  public static int finishNonZero(long sum) {
    int checksum = finish(sum);
    return checksum == 0 ? UDP_ZERO : checksum;
  }
}
