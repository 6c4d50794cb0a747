package dev.outboard.packet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.packet.TestFrame.Extension;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A super-frame becomes the frames that a sender without segmentation offload would have sent. */
class SegmenterTest {
  @Provide
  Arbitrary<TestFrame> superFrames() {
    return TestFrames.superFrames();
  }

  @Provide
  Arbitrary<int[]> cuts() {
    return TestFrames.cuts();
  }

  @Property(tries = 500)
  void segmentsHaveThePayloadInOrderAndHeadersOfTheirOwn(
      @ForAll("superFrames") TestFrame frame, @ForAll("cuts") int[] cuts) {
    byte[] whole = frame.bytes();
    List<byte[]> segments = TestBurst.segments(new TestBurst().addSuper(frame, cuts), 0, 16);
    assertEquals(
        Math.max(1, (frame.payload() + frame.segmentSize() - 1) / frame.segmentSize()),
        segments.size());
    ByteArrayOutputStream payload = new ByteArrayOutputStream();
    for (int k = 0; k < segments.size(); k++) {
      byte[] segment = segments.get(k);
      boolean last = k == segments.size() - 1;
      assertTrue(last || segment.length == frame.headers() + frame.segmentSize());
      assertTrue(frame.areChecksumsRight(segment), "checksums of segment " + k);
      assertArrayEquals(
          expectedHeaders(frame, whole, k, last, segment), headers(frame, segment), "headers " + k);
      payload.write(segment, frame.headers(), segment.length - frame.headers());
    }
    assertArrayEquals(
        Arrays.copyOfRange(whole, frame.headers(), whole.length), payload.toByteArray());
  }

  /** What is to be in the headers but for checksums, written as the standards put it. */
  private static byte[] expectedHeaders(
      TestFrame frame, byte[] whole, int k, boolean last, byte[] segment) {
    ByteBuffer out = ByteBuffer.wrap(Arrays.copyOf(whole, frame.headers()));
    if (frame.ipv4()) {
      out.putShort(16, (short) (segment.length - 14)).putShort(18, (short) (frame.id() + k));
    } else {
      out.putShort(18, (short) (segment.length - 54));
    }
    int t = frame.transport();
    if (frame.tcp()) {
      out.putInt(t + 4, frame.sequence() + k * frame.segmentSize());
      int cleared = (k == 0 ? 0 : TestFrame.CWR) | (last ? 0 : TestFrame.PSH | TestFrame.FIN);
      out.put(t + 13, (byte) (frame.flags() & ~cleared));
    } else {
      out.putShort(t + 4, (short) (segment.length - t));
    }
    return withoutChecksums(frame, out.array());
  }

  private static byte[] headers(TestFrame frame, byte[] segment) {
    return withoutChecksums(frame, Arrays.copyOf(segment, frame.headers()));
  }

  private static byte[] withoutChecksums(TestFrame frame, byte[] headers) {
    ByteBuffer out = ByteBuffer.wrap(headers);
    out.putShort(frame.transport() + frame.checksumOffset(), (short) 0);
    if (frame.ipv4()) {
      out.putShort(24, (short) 0);
    }
    return headers;
  }

  @Property(tries = 200)
  void segmentsAreTheSameHoweverManyAreMadeAtATime(
      @ForAll("superFrames") TestFrame frame, @ForAll("cuts") int[] cuts) {
    List<byte[]> one = TestBurst.segments(new TestBurst().addSuper(frame, cuts), 0, 1);
    List<byte[]> many = TestBurst.segments(new TestBurst().addSuper(frame), 0, 200);
    assertEquals(many.size(), one.size());
    for (int k = 0; k < many.size(); k++) {
      assertArrayEquals(many.get(k), one.get(k));
    }
  }

  @ParameterizedTest
  @CsvSource({"true,true", "true,false", "false,true", "false,false"})
  void aPayloadOfOneSegmentMakesOne(boolean ipv4, boolean tcp) {
    TestFrame frame = TestFrame.plain(ipv4, tcp, 1000, 1000);
    List<byte[]> segments = TestBurst.segments(new TestBurst().addSuper(frame), 0, 16);
    assertEquals(1, segments.size());
    assertArrayEquals(frame.finished(), segments.getFirst());
  }

  @Test
  void aDatagramWhoseChecksumComesToZeroGetsOnesInstead() {
    // The last two bytes make up for what the others sum to.
    TestFrame frame = TestFrame.plain(true, false, 1000, 500);
    byte[] bytes = frame.bytes();
    List<byte[]> before = segments(frame, bytes);
    int checksum = ByteBuffer.wrap(before.get(1)).getShort(frame.transport() + 6) & 0xffff;
    int last = ByteBuffer.wrap(bytes).getShort(bytes.length - 2) & 0xffff;
    int sum = last + checksum;
    ByteBuffer.wrap(bytes).putShort(bytes.length - 2, (short) (sum + (sum >>> 16)));
    byte[] segment = segments(frame, bytes).get(1);
    assertEquals(-1, ByteBuffer.wrap(segment).getShort(frame.transport() + 6));
    assertTrue(frame.areChecksumsRight(segment));
  }

  private static List<byte[]> segments(TestFrame frame, byte[] bytes) {
    return TestBurst.segments(
        new TestBurst().add(bytes, frame.superOffload(), frame.checksumOffset()), 0, 16);
  }

  /** One byte of a good frame made wrong: header, offset of the byte, its new value. */
  @ParameterizedTest
  @CsvSource({
    "true,  true,  13, 6, another EtherType",
    "true,  true,  14, 0x44, an IPv4 header too short",
    "true,  true,  14, 0x4f, IPv4 options that are not there",
    "true,  true,  17, 1, an IPv4 length that is not the frame's",
    "true,  true,  20, 0x20, a fragment",
    "true,  true,  21, 1, a later fragment",
    "true,  true,  23, 17, UDP where TCP is announced",
    "true,  true,  46, 0x40, a TCP header too short",
    "true,  false, 39, 9, a UDP length that is not the datagram's",
    "false, true,  14, 0x40, another version",
    "false, true,  19, 1, an IPv6 length that is not the frame's",
    "false, true,  20, 44, a fragment",
    "false, true,  20, 50, encrypted",
    "false, true,  20, 43, an extension header that is not there",
    "false, false, 59, 9, a UDP length that is not the datagram's"
  })
  void aContradictoryFrameCanNotBeCut(
      boolean ipv4, boolean tcp, int at, String value, String what) {
    TestFrame frame = TestFrame.plain(ipv4, tcp, 130, 100);
    byte[] bytes = frame.bytes();
    assertEquals(2, segments(frame, bytes).size());
    bytes[at] = (byte) (int) Integer.decode(value);
    assertNull(segments(frame, bytes), what);
  }

  @Test
  void tcpOptionsBeyondTheEndCanNotBeCut() {
    TestFrame frame = TestFrame.plain(true, true, 39, 100);
    byte[] bytes = frame.bytes();
    bytes[46] = (byte) 0xf0;
    assertNull(segments(frame, bytes));
  }

  @Test
  void headersThatGoOnTooLongCanNotBeCut() {
    TestFrame frame =
        new TestFrame(
            false,
            true,
            0,
            List.of(
                new Extension(TestFrame.DESTINATION, 64), new Extension(TestFrame.DESTINATION, 64)),
            0,
            TestFrame.ACK,
            3000,
            1000,
            1,
            1,
            1);
    assertNull(TestBurst.segments(new TestBurst().addSuper(frame), 0, 16));
  }

  @Test
  void whatTheVirtioHeaderSaysMustAgree() {
    TestFrame frame = TestFrame.plain(true, true, 3000, 1000);
    for (long wrong : new long[] {1L << 48, 1L << 51, 4L << 8, 0x1000L << 32}) {
      long offload = frame.superOffload() ^ wrong;
      List<byte[]> segments =
          TestBurst.segments(new TestBurst().add(frame.bytes(), offload, 16), 0, 16);
      boolean sizeOnly = wrong == 0x1000L << 32;
      assertEquals(sizeOnly, segments != null, Long.toHexString(wrong));
    }
    assertNull(
        TestBurst.segments(new TestBurst().add(frame.bytes(), frame.superOffload(), 6), 0, 16));
  }
}
