package dev.outboard.packet;

import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.RegionTable;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Bursts as the engine makes them: the first bytes of a frame in one fragment, the rest cut
 * anywhere. Each fragment is a region of its own, as long as it is, so that nothing can be read
 * beyond it.
 */
final class TestBurst {
  static final int NETWORK = 7;
  private static final int FRAMES = 256;
  private static final int FRAGMENTS = 4096;

  final RegionTable regions = largeTable();
  final FrameBurst burst = new FrameBurst(regions, FRAMES, FRAGMENTS);

  /** A table that need not grow: a burst sees the one that there was when it was cleared. */
  private static RegionTable largeTable() {
    RegionTable table = new RegionTable();
    int[] ids = new int[FRAGMENTS];
    Arrays.setAll(ids, _ -> table.add(MemorySegment.NULL));
    for (int id : ids) {
      table.remove(id);
    }
    return table;
  }

  /** Adds a frame whose fragments behind the private one have these lengths, again and again. */
  TestBurst add(byte[] frame, long offload, int checksumOffset, int... cuts) {
    int at = Math.min(frame.length, Segmenter.LONGEST_HEADERS);
    List<byte[]> fragments = new ArrayList<>();
    fragments.add(Arrays.copyOf(frame, at));
    for (int n = 0; at < frame.length; n++) {
      int wanted = cuts.length == 0 ? frame.length : cuts[n % cuts.length];
      int end = Math.min(frame.length, at + wanted);
      fragments.add(Arrays.copyOfRange(frame, at, end));
      at = end;
    }
    if (burst.count() == 0) {
      burst.clear();
    }
    for (byte[] fragment : fragments) {
      burst.addFragment(regions.add(memory(fragment)), 0, fragment.length);
    }
    burst.endFrame(NETWORK, frame.length, offload, checksumOffset);
    return this;
  }

  TestBurst addSuper(TestFrame frame, int... cuts) {
    return add(frame.bytes(), frame.superOffload(), frame.checksumOffset(), cuts);
  }

  private static MemorySegment memory(byte[] bytes) {
    // Native memory, as in the engine; an empty segment must not be shared with others.
    MemorySegment memory =
        Arena.ofAuto().allocate(Math.max(1, bytes.length)).asSlice(0, bytes.length);
    MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, bytes.length);
    return memory;
  }

  /** The bytes of frame {@code i} of any burst. */
  static byte[] frame(FrameBurst burst, int i) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int f = burst.firstFragment(i); f < burst.firstFragment(i + 1); f++) {
      out.writeBytes(
          burst
              .segment(f)
              .asSlice(burst.offset(f), burst.fragmentLength(f))
              .toArray(ValueLayout.JAVA_BYTE));
    }
    byte[] bytes = out.toByteArray();
    if (bytes.length != burst.length(i)) {
      throw new AssertionError(
          "frame " + i + ": " + burst.length(i) + " bytes in fragments of " + bytes.length);
    }
    return bytes;
  }

  /** All segments of frame {@code i}, made {@code atATime}; null if it can't be cut. */
  static List<byte[]> segments(TestBurst from, int i, int atATime) {
    try (Segmenter segmenter = new Segmenter(from.regions, atATime, FRAGMENTS)) {
      if (!segmenter.open(from.burst, i, 65_549)) {
        return null;
      }
      List<byte[]> segments = new ArrayList<>();
      while (segments.size() < segmenter.count()) {
        int made = segmenter.fill(segments.size(), FRAGMENTS);
        for (int s = 0; s < made; s++) {
          segments.add(frame(segmenter.segments(), s));
        }
      }
      return segments;
    }
  }
}
