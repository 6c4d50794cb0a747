package dev.outboard.packet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.spi.FrameBurst;
import java.nio.ByteBuffer;
import java.util.Arrays;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** A checksum left to us is filled in, and nothing else is touched. */
class ChecksumFillerTest {
  private final ChecksumFiller filler = new ChecksumFiller();

  @Provide
  Arbitrary<TestFrame> frames() {
    return TestFrames.superFrames();
  }

  @Provide
  Arbitrary<int[]> cuts() {
    return TestFrames.cuts();
  }

  @Property(tries = 500)
  void theChecksumIsFilledIn(@ForAll("frames") TestFrame frame, @ForAll("cuts") int[] cuts) {
    TestBurst test =
        new TestBurst().add(frame.bytes(), frame.checksumOffload(), frame.checksumOffset(), cuts);
    assertTrue(filler.fill(test.burst, 0));
    assertEquals(0, test.burst.neededOffloads(0));
    byte[] filled = TestBurst.frame(test.burst, 0);
    assertTrue(frame.areChecksumsRight(filled));
    byte[] expected = frame.bytes();
    int field = frame.transport() + frame.checksumOffset();
    System.arraycopy(filled, field, expected, field, 2);
    assertArrayEquals(expected, filled);
  }

  @Test
  void aChecksumThatComesToZeroIsWrittenAsOnes() {
    TestFrame frame = TestFrame.plain(false, false, 100, 100);
    byte[] bytes = frame.bytes();
    int checksum = ByteBuffer.wrap(frame.finished()).getShort(frame.transport() + 6) & 0xffff;
    int last = ByteBuffer.wrap(bytes).getShort(bytes.length - 2) & 0xffff;
    int sum = last + checksum;
    ByteBuffer.wrap(bytes).putShort(bytes.length - 2, (short) (sum + (sum >>> 16)));
    TestBurst test = new TestBurst().add(bytes, frame.checksumOffload(), 6);
    assertTrue(filler.fill(test.burst, 0));
    byte[] filled = TestBurst.frame(test.burst, 0);
    assertEquals(-1, ByteBuffer.wrap(filled).getShort(frame.transport() + 6));
  }

  /** Whatever start and offset a guest gives: the headers that were checked stay as they are. */
  @Property(tries = 2000)
  void addressesPortsAndNeighboursAreNeverWrittenOver(
      @ForAll boolean ipv4,
      @ForAll boolean tcp,
      @ForAll @IntRange(max = 300) int start,
      @ForAll @IntRange(max = 300) int offset) {
    TestFrame frame = TestFrame.plain(ipv4, tcp, 200, 1);
    byte[] bytes = frame.bytes();
    long offload = FrameBurst.NEEDS_CHECKSUM | (long) start << 48;
    TestBurst test = new TestBurst().add(bytes, offload, offset);
    boolean ours = start == frame.transport() && offset == frame.checksumOffset();
    boolean filled = filler.fill(test.burst, 0);
    byte[] after = TestBurst.frame(test.burst, 0);
    if (ours) {
      assertTrue(filled);
      return;
    }
    int end = frame.transport() + 8;
    assertArrayEquals(Arrays.copyOf(bytes, end), Arrays.copyOf(after, end));
    assertFalse(filled && tcp);
    if (!filled) {
      assertArrayEquals(bytes, after);
    }
  }

  @Test
  void theChecksumOfAFrameWithinADatagramIsFilledIn() {
    // As VXLAN has it: the sum to fill is that of the inner frame.
    TestFrame inner = TestFrame.plain(true, true, 500, 500);
    TestFrame outer = TestFrame.plain(true, false, inner.length(), 1);
    byte[] bytes = outer.bytes();
    System.arraycopy(inner.bytes(), 0, bytes, outer.headers(), inner.length());
    long offload = FrameBurst.NEEDS_CHECKSUM | (long) (outer.headers() + inner.transport()) << 48;
    TestBurst test = new TestBurst().add(bytes, offload, 16);
    assertTrue(filler.fill(test.burst, 0));
    byte[] filled = TestBurst.frame(test.burst, 0);
    assertArrayEquals(inner.finished(), Arrays.copyOfRange(filled, outer.headers(), filled.length));
  }

  @Test
  void aFragmentAndWhatIsNotIpStayUnfilled() {
    TestFrame frame = TestFrame.plain(true, true, 200, 1);
    byte[] fragment = frame.bytes();
    fragment[20] |= 0x20;
    byte[] other = frame.bytes();
    other[12] = (byte) 0x88;
    for (byte[] bytes : new byte[][] {fragment, other}) {
      TestBurst test = new TestBurst().add(bytes, frame.checksumOffload(), 16);
      assertFalse(filler.fill(test.burst, 0));
      assertArrayEquals(bytes, TestBurst.frame(test.burst, 0));
    }
  }
}
