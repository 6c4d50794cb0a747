package com.example.outboard.incubator;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** How numbers lie in a datagram. */
final class BigEndian {
  static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private BigEndian() {}
}
