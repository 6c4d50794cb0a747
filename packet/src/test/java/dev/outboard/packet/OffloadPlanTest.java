package dev.outboard.packet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.spi.FrameBurst;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** What a device is told of a frame is what its headers are, and nothing else is believed. */
class OffloadPlanTest {
  private final OffloadPlan plan = new OffloadPlan();

  @Provide
  Arbitrary<TestFrame> frames() {
    return TestFrames.superFrames();
  }

  private boolean find(byte[] bytes, long offload, int offset, int available) {
    TestBurst test = new TestBurst().add(bytes, offload, offset);
    MemorySegment copy = MemorySegment.ofArray(Arrays.copyOf(bytes, available));
    return plan.find(test.burst, 0, copy, 0, available);
  }

  @Property(tries = 500)
  void theLengthsOfHeadersAreFound(@ForAll("frames") TestFrame frame) {
    byte[] bytes = frame.bytes();
    assertTrue(find(bytes, frame.checksumOffload(), frame.checksumOffset(), bytes.length));
    assertEquals(frame.ipv4(), plan.isIpv4());
    assertEquals(frame.tcp(), plan.isTcp());
    assertEquals(frame.transport() - Ethernet.HEADER, plan.networkBytes());
    assertEquals(frame.tcp() ? 20 + frame.tcpOptions() : 8, plan.transportBytes());
    assertEquals(bytes.length - frame.payload(), plan.headers());
  }

  @Property(tries = 500)
  void headersThatAreNotAllThereAreNoPlan(@ForAll("frames") TestFrame frame) {
    byte[] bytes = frame.bytes();
    int headers = bytes.length - frame.payload();
    for (int available = 14; available < headers; available++) {
      assertFalse(find(bytes, frame.checksumOffload(), frame.checksumOffset(), available));
    }
    assertTrue(find(bytes, frame.checksumOffload(), frame.checksumOffset(), headers));
  }

  /** Segments get their lengths from the device: the sum is that of a segment without one. */
  @Property(tries = 500)
  void headersOfSuperFramesAreMadeReady(@ForAll("frames") TestFrame frame) {
    byte[] bytes = frame.bytes();
    TestBurst test = new TestBurst().addSuper(frame);
    byte[] copy = bytes.clone();
    MemorySegment memory = MemorySegment.ofArray(copy);
    assertEquals(frame.tcp(), plan.find(test.burst, 0, memory, 0, copy.length), "USO is not known");
    if (!frame.tcp()) {
      return;
    }
    plan.forSegments(memory, 0, copy.length);
    int field = frame.transport() + frame.checksumOffset();
    long with =
        (ByteBuffer.wrap(copy).getShort(field) & 0xffffL) + bytes.length - frame.transport();
    assertEquals(
        ByteBuffer.wrap(bytes).getShort(field) & 0xffff, Checksum.fold(with), "with the length");
    ByteBuffer.wrap(bytes).putShort(field, ByteBuffer.wrap(copy).getShort(field));
    if (frame.ipv4()) {
      ByteBuffer.wrap(bytes).putShort(24, (short) 0);
    }
    assertArrayEquals(bytes, copy, "nothing else is touched");
  }

  @Property(tries = 1000)
  void fieldsThatDoNotAgreeAreNoPlan(
      @ForAll boolean ipv4,
      @ForAll boolean tcp,
      @ForAll @IntRange(max = 300) int start,
      @ForAll @IntRange(max = 30) int offset) {
    TestFrame frame = TestFrame.plain(ipv4, tcp, 200, 1);
    boolean right = start == frame.transport() && offset == frame.checksumOffset();
    long offload = FrameBurst.NEEDS_CHECKSUM | (long) start << 48;
    assertEquals(right, find(frame.bytes(), offload, offset, frame.length()));
  }

  @Property(tries = 500)
  void aWholeCopyIsFilledAsTheFrameIs(@ForAll("frames") TestFrame frame) {
    byte[] bytes = frame.bytes();
    MemorySegment memory = MemorySegment.ofArray(bytes);
    ChecksumFiller filler = new ChecksumFiller();
    assertTrue(filler.fill(memory, 0, bytes.length, frame.transport(), frame.checksumOffset()));
    TestBurst test =
        new TestBurst().add(frame.bytes(), frame.checksumOffload(), frame.checksumOffset());
    assertTrue(filler.fill(test.burst, 0));
    assertArrayEquals(TestBurst.frame(test.burst, 0), bytes);
  }
}
