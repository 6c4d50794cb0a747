package dev.outboard.engine.observation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.Endpoint;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.ReceiveSpace;
import dev.outboard.spi.RegionTable;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** From frames, as workers have them in their hands, to what is seen of a guest. */
class ObserverTest {
  private static final Endpoint GUEST = Endpoint.of("52:54:00:00:00:01", "10.0.0.1");
  private static final Endpoint PEER = Endpoint.of("52:54:00:00:00:02", "10.0.0.2");
  private static final Endpoint GUEST6 = Endpoint.of("52:54:00:00:00:01", "fd00::1");
  private static final Endpoint PEER6 = Endpoint.of("52:54:00:00:00:02", "fd00::2");
  private static final int VIRTIO_HEADER = 12;
  private static final int HEADERS = 128;

  private final RegionTable regions = new RegionTable();
  private final Observer observer = new Observer(Arena.ofAuto().allocate(HEADERS), 0);
  private final GuestTraffic traffic = new GuestTraffic(1);

  private static MemorySegment memory(byte[] bytes) {
    MemorySegment memory = Arena.ofAuto().allocate(Math.max(1, bytes.length));
    MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, bytes.length);
    return memory;
  }

  /** A burst of one frame, its first bytes private, as the engine makes them. */
  private FrameBurst burst(byte[] frame, long offload) {
    int headers = regions.add(memory(frame));
    FrameBurst burst = new FrameBurst(regions, 1, 2);
    burst.clear();
    int first = Math.min(frame.length, HEADERS);
    burst.addFragment(headers, 0, first);
    if (first < frame.length) {
      burst.addFragment(headers, first, frame.length - first);
    }
    burst.endFrame(7, frame.length, offload, 0);
    return burst;
  }

  private static TestSegment sent(int flags, int sequence, int payload) {
    return new TestSegment(GUEST, PEER, flags, sequence, 1, payload);
  }

  private void send(TestSegment segment, long offload) {
    observer.sent(traffic, 0, burst(segment.frame(), offload), 1, System.nanoTime());
  }

  private void send(int flags, int sequence, int payload) {
    send(sent(flags, sequence, payload), 0);
  }

  private static TestSegment acknowledgment(int number) {
    return new TestSegment(PEER, GUEST, TestSegment.ACK, 1, number, 0);
  }

  private void acknowledge(int number) {
    observer.received(traffic, burst(acknowledgment(number).frame(), 0), 0);
  }

  private long roundTrips() {
    long[] count = {0};
    traffic.forEachRoundTrip((nanos, times) -> count[0] += times);
    return count[0];
  }

  @Test
  void segmentsPayloadAndRoundTripsAreCounted() {
    send(TestSegment.SYN, 99, 0);
    acknowledge(100);
    send(TestSegment.ACK, 100, 0);
    send(TestSegment.ACK, 100, 1000);
    acknowledge(1100);
    send(TestSegment.ACK | TestSegment.FIN, 1100, 0);
    acknowledge(1101);
    assertEquals(3, traffic.segments(), "an acknowledgment alone is none");
    assertEquals(1000, traffic.bytes());
    assertEquals(0, traffic.retransmissions());
    assertEquals(3, roundTrips());
  }

  @Test
  void roundTripsOverIpv6() {
    TestSegment syn = new TestSegment(GUEST6, PEER6, TestSegment.SYN, 99, 0, 0);
    TestSegment answer = new TestSegment(PEER6, GUEST6, 0x12, 5, 100, 0);
    send(syn, 0);
    observer.received(traffic, burst(answer.frame(), 0), 0);
    assertEquals(1, roundTrips());
  }

  @Test
  void ofAnotherConnectionNothingIsTimed() {
    send(TestSegment.SYN, 99, 0);
    TestSegment other = new TestSegment(PEER6, GUEST6, TestSegment.ACK, 1, 100, 0);
    observer.received(traffic, burst(other.frame(), 0), 0);
    observer.received(traffic, burst(sent(TestSegment.ACK, 1, 0).frame(), 0), 0);
    assertEquals(0, roundTrips());
  }

  /**
   * Payload and size of a segment, then: segments; and if it is sent again, of which half is new.
   */
  @ParameterizedTest(name = "{0} bytes in segments of {1}: {2}, {3} of them again")
  @CsvSource({
    "14480, 1448, 10, 5",
    "14481, 1448, 11, 6",
    "1000, 1448, 1, 1",
    "60000, 1, 60000, 30000"
  })
  void aSuperFrameCountsAsTheSegmentsItStandsFor(int payload, int size, int all, int again) {
    long offload = (long) FrameBurst.GSO_TCPV4 << 8 | (long) size << 32;
    send(TestSegment.SYN, 99, 0);
    send(sent(TestSegment.ACK, 100, payload), offload);
    assertEquals(1 + all, traffic.segments());
    send(sent(TestSegment.ACK, 100 + payload - (payload + 1) / 2, payload), offload);
    assertEquals(again, traffic.retransmissions());
    assertEquals(1 + 2 * all, traffic.segments());
  }

  @Test
  void aFinGoesAlongWithTheLastSegment() {
    send(TestSegment.SYN, 99, 0);
    long offload = ((long) FrameBurst.GSO_TCPV4 << 8) | (1448L << 32);
    send(sent(TestSegment.ACK | TestSegment.FIN, 100, 14_480), offload);
    assertEquals(1 + 10, traffic.segments());
    send(sent(TestSegment.ACK | TestSegment.FIN, 100, 14_480), offload);
    assertEquals(10, traffic.retransmissions());
    send(TestSegment.ACK | TestSegment.FIN, 14_580, 0);
    assertEquals(11, traffic.retransmissions());
    acknowledge(14_581);
    assertEquals(0, roundTrips());
  }

  /** Buffers of a guest may be cut anywhere, and a frame may take several. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 12, 13, 26, 60, 100, 2000})
  void framesThatLieInAGuestsBuffersAreRead(int cut) {
    send(TestSegment.SYN, 99, 0);
    send(TestSegment.ACK, 100, 50);
    ReceiveSpace space = space(cut, acknowledgment(100).frame(), acknowledgment(150).frame());
    observer.received(traffic, space);
    assertEquals(1, roundTrips(), "the probe was the SYN's");
    send(TestSegment.ACK, 150, 50);
    observer.received(traffic, space(cut, acknowledgment(200).frame()));
    assertEquals(2, roundTrips());
  }

  private ReceiveSpace space(int cut, byte[]... frames) {
    int fragments = 2_000;
    ReceiveSpace space = new ReceiveSpace(regions, frames.length, frames.length, fragments);
    int[] region = new int[frames.length];
    for (int i = 0; i < frames.length; i++) {
      byte[] bytes = new byte[VIRTIO_HEADER + frames[i].length];
      System.arraycopy(frames[i], 0, bytes, VIRTIO_HEADER, frames[i].length);
      region[i] = regions.add(memory(bytes));
    }
    space.clear(true, VIRTIO_HEADER, 65_562);
    for (int i = 0; i < frames.length; i++) {
      int length = VIRTIO_HEADER + frames[i].length;
      for (int at = 0; at < length; at += cut) {
        space.addFragment(region[i], at, Math.min(cut, length - at));
      }
      space.endBuffer();
    }
    for (byte[] frame : frames) {
      space.addFrame(1, VIRTIO_HEADER + frame.length);
    }
    return space;
  }

  /** Random bytes, and good headers with random bytes in them. */
  @Property(tries = 1000)
  void whateverIsInAFrameNothingThrows(
      @ForAll long seed, @ForAll @IntRange(min = 14, max = 300) int length) {
    Random random = new Random(seed);
    byte[] frame = new byte[length];
    random.nextBytes(frame);
    byte[] good = sent(TestSegment.ACK, random.nextInt(), 100).frame();
    int kept = random.nextInt(Math.min(length, 60));
    System.arraycopy(good, 0, frame, 0, kept);
    long offload = (long) random.nextInt(6) << 8 | (long) random.nextInt(65_536) << 32;
    observer.sent(traffic, 0, burst(frame, offload), 1, System.nanoTime());
    observer.received(traffic, burst(frame, offload), 0);
    observer.received(traffic, space(1 + random.nextInt(100), frame));
    assertTrue(traffic.retransmissions() <= traffic.segments());
  }
}
