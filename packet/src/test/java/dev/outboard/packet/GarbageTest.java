package dev.outboard.packet;

import dev.outboard.spi.FrameBurst;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/**
 * Whatever a guest writes: nothing throws, nothing outside the frame is read (each fragment is as
 * long as its region), and what comes out is a burst that can be read.
 */
class GarbageTest {
  @Provide
  Arbitrary<TestFrame> frames() {
    return TestFrames.superFrames();
  }

  @Provide
  Arbitrary<int[]> cuts() {
    return TestFrames.cuts();
  }

  @Property(tries = 2000)
  void randomBytes(
      @ForAll @Size(min = 14, max = 300) byte[] bytes,
      @ForAll boolean ipv4,
      @ForAll long offload,
      @ForAll @IntRange(max = 65_535) int checksumOffset,
      @ForAll("cuts") int[] cuts) {
    bytes[12] = (byte) (ipv4 ? 0x08 : 0x86);
    bytes[13] = (byte) (ipv4 ? 0 : 0xdd);
    tryAll(bytes, offload, checksumOffset, cuts);
  }

  /** Some bytes of good headers, and some bits of good offload fields, are changed. */
  @Property(tries = 1500)
  void goodFramesWithMistakes(
      @ForAll("frames") TestFrame frame,
      @ForAll("cuts") int[] cuts,
      @ForAll long seed,
      @ForAll @IntRange(max = 4) int bytesChanged,
      @ForAll @IntRange(max = 2) int bitsChanged) {
    Random random = new Random(seed);
    byte[] bytes = frame.bytes();
    for (int n = 0; n < bytesChanged; n++) {
      bytes[12 + random.nextInt(frame.headers() - 12)] = (byte) random.nextInt();
    }
    long offload = random.nextBoolean() ? frame.superOffload() : frame.checksumOffload();
    for (int n = 0; n < bitsChanged; n++) {
      offload ^= 1L << random.nextInt(64);
    }
    tryAll(bytes, offload, frame.checksumOffset(), cuts);
  }

  private static void tryAll(byte[] bytes, long offload, int checksumOffset, int[] cuts) {
    TestBurst test = new TestBurst().add(bytes, offload, checksumOffset, cuts);
    test.add(bytes, 0, 0, cuts).add(bytes, offload, checksumOffset);
    try (Coalescer coalescer = new Coalescer(test.regions, 256, 4096);
        Segmenter segmenter = new Segmenter(test.regions, 7, 4096)) {
      readAll(coalescer.coalesce(test.burst));
      if (segmenter.open(test.burst, 0, 65_549)) {
        for (int from = 0; from < segmenter.count(); from += 7) {
          int _ = segmenter.fill(from, 7);
          readAll(segmenter.segments());
        }
      }
      boolean _ = new ChecksumFiller().fill(test.burst, 0);
      readAll(test.burst);
    }
  }

  private static void readAll(FrameBurst burst) {
    for (int i = 0; i < burst.count(); i++) {
      byte[] _ = TestBurst.frame(burst, i);
    }
  }
}
