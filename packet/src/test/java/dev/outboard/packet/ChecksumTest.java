package dev.outboard.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** The Internet checksum (RFC 1071). */
class ChecksumTest {
  @Test
  void theExampleOfTheRfc() {
    byte[] bytes = {
      0x00, 0x01, (byte) 0xf2, 0x03, (byte) 0xf4, (byte) 0xf5, (byte) 0xf6, (byte) 0xf7
    };
    long sum = Checksum.sum(MemorySegment.ofArray(bytes), 0, bytes.length, 0);
    assertEquals(0xddf2, ~Checksum.finish(sum) & 0xffff);
  }

  @Property
  void aRangeWithItsChecksumInItSumsToZero(@ForAll @Size(min = 4, max = 200) byte[] bytes) {
    MemorySegment memory = MemorySegment.ofArray(bytes);
    bytes[2] = 0;
    bytes[3] = 0;
    Bytes.put16(memory, 2, Checksum.finish(Checksum.sum(memory, 0, bytes.length, 0)));
    assertEquals(0, Checksum.finish(Checksum.sum(memory, 0, bytes.length, 0)));
  }

  @Property
  void aSumMayBeTakenInPieces(@ForAll @Size(min = 2, max = 200) byte[] bytes) {
    MemorySegment memory = MemorySegment.ofArray(bytes);
    int cut = bytes.length / 4 * 2;
    long pieces = Checksum.sum(memory, cut, bytes.length - cut, Checksum.sum(memory, 0, cut, 0));
    assertEquals(
        Checksum.finish(Checksum.sum(memory, 0, bytes.length, 0)), Checksum.finish(pieces));
  }

  @Property
  void longWordsComeToTheSameAsShortOnes(
      @ForAll @Size(max = 300) byte[] bytes, @ForAll @IntRange(max = 0xffff) int start) {
    int expected = TestFrame.sum(bytes, 0, bytes.length, start);
    MemorySegment memory = MemorySegment.ofArray(bytes);
    assertEquals(expected, Checksum.fold(Checksum.sum(memory, 0, bytes.length, start)));
  }
}
