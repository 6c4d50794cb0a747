package dev.outboard.engine.observation;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.BiConsumer;

/**
 * Counts durations in buckets, 128 to a power of two. Its size is fixed: longer ones than a minute
 * count as the longest. Any thread may add and read.
 */
final class RoundTripTimes {
  private static final int BITS = 7;
  private static final int PER_POWER = 1 << BITS;
  private static final long LONGEST = (1L << 36) - 1;
  private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(long[].class);

  private final long[] counts = new long[bucket(LONGEST) + 1];

  /**
   * The bucket of a duration: the first 128 nanoseconds have one each, from there on the highest
   * eight bits and their place say which.
   */
  static int bucket(long nanos) {
    long value = Math.clamp(nanos, 0, LONGEST);
    if (value < PER_POWER) {
      return (int) value;
    }
    int shift = Long.SIZE - 1 - BITS - Long.numberOfLeadingZeros(value);
    return (shift << BITS) + (int) (value >>> shift);
  }

  /** The middle of a bucket. */
  static long middle(int bucket) {
    if (bucket < PER_POWER) {
      return bucket;
    }
    int shift = (bucket >>> BITS) - 1;
    long lowest = (long) (PER_POWER | (bucket & (PER_POWER - 1))) << shift;
    return lowest + ((1L << shift) >>> 1);
  }

  /** Counts one; several workers may do so at once. */
  void add(long nanos) {
    long _ = (long) ELEMENT.getAndAdd(counts, bucket(nanos), 1L);
  }

  /** Tells middle and count of each bucket that is not empty, shortest first. */
  void forEach(BiConsumer<Long, Long> visitor) {
    for (int bucket = 0; bucket < counts.length; bucket++) {
      long count = (long) ELEMENT.getOpaque(counts, bucket);
      if (count != 0) {
        visitor.accept(middle(bucket), count);
      }
    }
  }
}
