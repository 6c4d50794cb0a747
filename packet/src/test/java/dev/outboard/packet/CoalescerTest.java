package dev.outboard.packet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.packet.TestFrame.Extension;
import dev.outboard.spi.FrameBurst;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Consecutive segments of a flow become one super-frame; nothing else is joined or reordered. */
class CoalescerTest {
  private static final int ID = 18;
  private static final TestFrame STREAM = TestFrame.plain(true, true, 3500, 1000);

  @Provide
  Arbitrary<TestFrame> joinable() {
    return TestFrames.joinable();
  }

  @Provide
  Arbitrary<int[]> cuts() {
    return TestFrames.cuts();
  }

  /** A frame as it came out. */
  private static final class Result {
    final byte[] bytes;
    final long offload;
    final int checksumOffset;

    Result(FrameBurst burst, int i) {
      bytes = TestBurst.frame(burst, i);
      offload = burst.offload(i);
      checksumOffset = burst.checksumOffset(i);
    }
  }

  private static List<Result> coalesce(TestBurst test) {
    try (Coalescer coalescer = new Coalescer(test.regions, 256, 4096)) {
      FrameBurst joined = coalescer.coalesce(test.burst);
      List<Result> results = new ArrayList<>();
      for (int i = 0; i < joined.count(); i++) {
        assertEquals(TestBurst.NETWORK, joined.network(i));
        results.add(new Result(joined, i));
      }
      return results;
    }
  }

  private static TestBurst burst(List<byte[]> frames, int... cuts) {
    TestBurst test = new TestBurst();
    frames.forEach(f -> test.add(f, 0, 0, cuts));
    return test;
  }

  private static List<byte[]> segments(TestFrame frame) {
    return new ArrayList<>(TestBurst.segments(new TestBurst().addSuper(frame), 0, 16));
  }

  private static List<Integer> lengths(TestBurst test) {
    return coalesce(test).stream().map(r -> r.bytes.length).toList();
  }

  @Property(tries = 500)
  void whatWasCutIsJoinedAgain(@ForAll("joinable") TestFrame frame, @ForAll("cuts") int[] cuts) {
    List<Result> joined = coalesce(burst(segments(frame), cuts));
    assertEquals(1, joined.size());
    assertArrayEquals(frame.bytes(), joined.getFirst().bytes);
    assertEquals(frame.superOffload(), joined.getFirst().offload);
    assertEquals(16, joined.getFirst().checksumOffset);
  }

  @Test
  void segmentsWhoseChecksumIsLeftToTheReceiverAreJoinedToo() {
    TestBurst test = new TestBurst();
    TestFrame first = TestFrame.plain(false, true, 1000, 1000);
    for (int k = 0; k < 3; k++) {
      byte[] bytes = first.bytes();
      ByteBuffer.wrap(bytes).putInt(first.transport() + 4, first.sequence() + k * 1000);
      test.add(bytes, first.checksumOffload(), 16);
    }
    assertEquals(List.of(3000 + first.headers()), lengths(test));
  }

  @Test
  void flowsThatAlternateAreJoinedEach() {
    TestFrame other = TestFrame.plain(false, true, 3500, 1000);
    List<byte[]> one = segments(STREAM);
    List<byte[]> two = segments(other);
    List<byte[]> mixed = new ArrayList<>();
    for (int k = 0; k < one.size(); k++) {
      mixed.add(one.get(k));
      mixed.add(two.get(k));
    }
    List<Result> joined = coalesce(burst(mixed));
    assertEquals(2, joined.size());
    assertArrayEquals(STREAM.bytes(), joined.get(0).bytes);
    assertArrayEquals(other.bytes(), joined.get(1).bytes);
  }

  @Test
  void fullPacketsEndASuperFrame() {
    List<byte[]> frames = segments(TestFrame.plain(true, true, 60_000, 1000));
    List<byte[]> twice = new ArrayList<>(frames);
    for (byte[] frame : frames) {
      twice.add(changed(frame, b -> b.putInt(38, b.getInt(38) + 60_000).putShort(ID, id(b, 60))));
    }
    assertEquals(List.of(65_000 + 54, 55_000 + 54), lengths(burst(twice)));
  }

  private static short id(ByteBuffer frame, int ahead) {
    return (short) (frame.getShort(ID) + ahead);
  }

  @Test
  void aShorterSegmentOrAPushEndsASuperFrame() {
    List<byte[]> frames = segments(STREAM);
    byte[] afterwards =
        changed(frames.get(0), b -> b.putInt(38, b.getInt(38) + 3500).putShort(ID, id(b, 4)));
    frames.add(afterwards);
    assertEquals(List.of(3554, 1054), lengths(burst(frames)));
    frames.set(1, changed(frames.get(1), b -> b.put(47, (byte) (TestFrame.ACK | TestFrame.PSH))));
    assertEquals(List.of(2054, 1554, 1054), lengths(burst(frames)));
  }

  /** What makes the second of four segments one that can't be joined, or not to the first. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "lost",
        "urgent",
        "ece",
        "ttl",
        "tos",
        "window",
        "ack",
        "id",
        "checksum",
        "ip-checksum"
      })
  void segmentsThatDifferAreNotJoined(String difference) {
    List<byte[]> frames = segments(STREAM);
    byte[] odd = frames.get(1);
    ByteBuffer out = ByteBuffer.wrap(odd);
    switch (difference) {
      case "lost" -> out.putInt(38, out.getInt(38) + 7);
      case "urgent" -> out.put(47, (byte) 0x30);
      case "ece" -> out.put(47, (byte) 0x50);
      case "ttl" -> out.put(22, (byte) 9);
      case "tos" -> out.put(15, (byte) 4);
      case "window" -> out.putShort(48, (short) 9);
      case "ack" -> out.putInt(42, 78);
      case "id" -> out.putShort(ID, id(out, 5));
      default -> {}
    }
    repair(odd);
    switch (difference) {
      case "checksum" -> out.put(50, (byte) (out.get(50) ^ 1));
      case "ip-checksum" -> out.put(24, (byte) (out.get(24) ^ 1));
      default -> {}
    }
    List<Result> joined = coalesce(burst(frames));
    // What comes behind the odd one may be joined to each other, but not to the first.
    assertArrayEquals(frames.get(0), joined.get(0).bytes, difference);
    assertTrue(joined.size() > 1, difference);
  }

  private static byte[] changed(byte[] frame, Consumer<ByteBuffer> change) {
    byte[] bytes = frame.clone();
    change.accept(ByteBuffer.wrap(bytes));
    repair(bytes);
    return bytes;
  }

  /** Makes both checksums right again. */
  private static void repair(byte[] frame) {
    ByteBuffer out = ByteBuffer.wrap(frame);
    out.putShort(24, (short) 0).putShort(50, (short) 0);
    out.putShort(24, (short) ~TestFrame.sum(frame, 14, 20, 0));
    int pseudo = STREAM.pseudoSum(frame);
    out.putShort(50, (short) ~TestFrame.sum(frame, 34, frame.length - 34, pseudo));
  }

  @Test
  void identificationsMayStandStillWhereNobodyMayCut() {
    List<byte[]> frames = segments(STREAM);
    frames.replaceAll(f -> changed(f, b -> b.putShort(ID, (short) 5)));
    assertEquals(List.of(3554), lengths(burst(frames)));
    frames.replaceAll(f -> changed(f, b -> b.putShort(20, (short) 0)));
    assertEquals(4, lengths(burst(frames)).size());
  }

  @Test
  void ipv4OptionsAreNotJoined() {
    TestFrame frame =
        new TestFrame(true, true, 4, List.of(), 0, TestFrame.ACK, 3000, 1000, 1, 1, 1);
    assertEquals(3, lengths(burst(segments(frame))).size());
  }

  @Test
  void nothingIsJoinedAcrossAFrameOfTheSameFlow() {
    List<byte[]> frames = segments(STREAM);
    byte[] acknowledgement = TestFrame.plain(true, true, 0, 1).finished();
    frames.add(2, acknowledgement);
    assertEquals(List.of(2054, 54, 1554), lengths(burst(frames)));
  }

  @Test
  void nothingIsJoinedAcrossAFragmentWhoseFlowCanNotBeTold() {
    List<byte[]> frames = segments(STREAM);
    frames.add(2, changed(frames.get(0), b -> b.putShort(20, (short) 0x0005)));
    assertEquals(List.of(2054, 1054, 1554), lengths(burst(frames)));
  }

  @Test
  void segmentsAreJoinedAcrossFramesThatAreNotTcp() {
    List<byte[]> frames = segments(STREAM);
    frames.add(2, TestFrame.plain(true, false, 100, 1).finished());
    assertEquals(List.of(3554, 142), lengths(burst(frames)));
  }

  @Test
  void datagramsStayAsTheyAre() {
    TestFrame frame =
        new TestFrame(
            false,
            false,
            0,
            List.of(new Extension(TestFrame.HOP_BY_HOP, 8)),
            0,
            0,
            3000,
            1000,
            1,
            1,
            1);
    List<byte[]> datagrams = segments(frame);
    List<Result> after = coalesce(burst(datagrams));
    assertEquals(3, after.size());
    for (int i = 0; i < 3; i++) {
      assertArrayEquals(datagrams.get(i), after.get(i).bytes);
      assertEquals(0, after.get(i).offload);
    }
  }
}
