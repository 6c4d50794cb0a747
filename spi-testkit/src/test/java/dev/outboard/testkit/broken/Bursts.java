package dev.outboard.testkit.broken;

import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.RegionTable;
import java.lang.foreign.ValueLayout;
import java.util.function.LongUnaryOperator;

/** What faults do to bursts. */
final class Bursts {
  private static final int FRAMES = 64;
  private static final int FRAGMENTS = 4096;

  private Bursts() {}

  /** The same frames in a burst of its own, with other offload fields and no tokens. */
  static FrameBurst copy(RegionTable regions, FrameBurst burst, LongUnaryOperator offload) {
    FrameBurst copy = new FrameBurst(regions, FRAMES, FRAGMENTS);
    for (int i = 0; i < burst.count(); i++) {
      for (int f = burst.firstFragment(i); f < burst.firstFragment(i + 1); f++) {
        copy.addFragment(burst.region(f), burst.offset(f), burst.fragmentLength(f));
      }
      long fields = offload.applyAsLong(burst.offload(i));
      copy.endFrame(burst.network(i), burst.length(i), fields, burst.checksumOffset(i));
      copy.setRoute(i, burst.nextHop(i), burst.flowHash(i));
    }
    return copy;
  }

  /** Changes the last byte of a frame. */
  static void spoilEnd(FrameBurst burst, int i) {
    int f = burst.firstFragment(i + 1) - 1;
    long last = burst.offset(f) + burst.fragmentLength(f) - 1;
    byte is = burst.segment(f).get(ValueLayout.JAVA_BYTE, last);
    burst.segment(f).set(ValueLayout.JAVA_BYTE, last, (byte) ~is);
  }
}
