package dev.outboard.packet;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Numbers in network order at any alignment. Hot; any thread. */
public final class Bytes {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private Bytes() {}

  /** A byte, unsigned. */
  public static int u8(MemorySegment memory, long at) {
    return memory.get(ValueLayout.JAVA_BYTE, at) & 0xff;
  }

  /** Two bytes, unsigned. */
  public static int u16(MemorySegment memory, long at) {
    return memory.get(SHORT, at) & 0xffff;
  }

  /** Four bytes. */
  public static int i32(MemorySegment memory, long at) {
    return memory.get(INT, at);
  }

  /** Eight bytes. */
  public static long i64(MemorySegment memory, long at) {
    return memory.get(LONG, at);
  }

  /** Writes a byte. */
  public static void put8(MemorySegment memory, long at, int value) {
    memory.set(ValueLayout.JAVA_BYTE, at, (byte) value);
  }

  /** Writes two bytes. */
  public static void put16(MemorySegment memory, long at, int value) {
    memory.set(SHORT, at, (short) value);
  }

  /** Writes four bytes. */
  public static void put32(MemorySegment memory, long at, int value) {
    memory.set(INT, at, value);
  }

  /** Writes eight bytes. */
  public static void put64(MemorySegment memory, long at, long value) {
    memory.set(LONG, at, value);
  }
}
