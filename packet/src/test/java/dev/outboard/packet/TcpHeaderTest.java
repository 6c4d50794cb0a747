package dev.outboard.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an onlooker reads of TCP segments, and of what is none. */
class TcpHeaderTest {
  private static final int SYN = 0x02;
  private static final int RST = 0x04;
  private static final int PRIVATE = 128;

  private final TcpHeader header = new TcpHeader();

  /** Only so many bytes are there: memory ends where they do. */
  private boolean read(byte[] frame, int available, boolean superFrame) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(available);
      MemorySegment.copy(frame, 0, memory, ValueLayout.JAVA_BYTE, 0, available);
      return header.read(memory, 0, available, frame.length, superFrame);
    }
  }

  private boolean read(byte[] frame) {
    return read(frame, Math.min(frame.length, PRIVATE), false);
  }

  private static TestFrame frame(boolean ipv4, int flags, int payload) {
    return TestFrame.plain(ipv4, true, payload, 1448).withFlags(flags);
  }

  @Provide
  Arbitrary<TestFrame> superFrames() {
    return TestFrames.superFrames();
  }

  @ParameterizedTest(name = "flags {0}, {1} bytes")
  @CsvSource({
    "0x10,    0,    0",
    "0x10, 1448, 1448",
    "0x02,    0,    1",
    "0x12,    0,    1",
    "0x11,    0,    1",
    "0x19,  100,  101",
    "0x02,  500,  501"
  })
  void synAndFinTakeASequenceNumberEach(String flags, int payload, int numbers) {
    for (boolean ipv4 : new boolean[] {true, false}) {
      assertTrue(read(frame(ipv4, Integer.decode(flags), payload).bytes()));
      assertEquals(1_000_000, header.sequence());
      assertEquals(77, header.acknowledgment());
      assertEquals(payload, header.payload());
      assertEquals(numbers, header.sequenceLength());
    }
  }

  @Test
  void flagsAreToldApart() {
    assertTrue(read(frame(true, SYN, 0).bytes()));
    assertTrue(header.isSyn() && !header.acknowledges() && !header.isReset());
    assertTrue(read(frame(true, RST | TestFrame.ACK, 0).bytes()));
    assertTrue(!header.isSyn() && header.acknowledges() && header.isReset());
  }

  /** Ethernet frames have 60 bytes at least. */
  @Test
  void paddingIsNoPayload() {
    byte[] frame = Arrays.copyOf(frame(true, TestFrame.ACK, 0).bytes(), 60);
    assertTrue(read(frame));
    assertEquals(0, header.payload());
  }

  @Property(tries = 300)
  void allThatIsBeforeThePayloadMayBeThere(@ForAll("superFrames") TestFrame frame) {
    boolean fits = frame.transport() + 20 <= PRIVATE;
    assertEquals(frame.tcp() && fits, read(frame.bytes(), Math.min(frame.length(), PRIVATE), true));
    if (frame.tcp() && fits) {
      assertEquals(frame.payload(), header.payload());
      assertEquals(frame.sequence(), header.sequence());
    }
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void bothEndsCallAConnectionByOneNumberAndOthersByAnother(boolean ipv4) {
    byte[] there = frame(ipv4, TestFrame.ACK, 0).bytes();
    int transport = ipv4 ? 34 : 54;
    there[transport + 1] = 99;
    assertTrue(read(there));
    long sender = header.ofSender();
    long receiver = header.ofReceiver();
    assertNotEquals(sender, receiver);
    byte[] back = answer(there, ipv4);
    assertTrue(read(back));
    assertEquals(sender, header.ofReceiver());
    assertEquals(receiver, header.ofSender());
    int addresses = ipv4 ? 26 : 22;
    for (int at : List.of(addresses, transport - 1, transport, transport + 1, transport + 3)) {
      byte[] other = there.clone();
      other[at] ^= 1;
      assertTrue(read(other));
      assertNotEquals(sender, header.ofSender(), "byte " + at);
    }
  }

  private static byte[] answer(byte[] frame, boolean ipv4) {
    byte[] back = frame.clone();
    int from = ipv4 ? 26 : 22;
    int size = ipv4 ? 4 : 16;
    int ports = ipv4 ? 34 : 54;
    System.arraycopy(frame, from, back, from + size, size);
    System.arraycopy(frame, from + size, back, from, size);
    System.arraycopy(frame, ports, back, ports + 2, 2);
    System.arraycopy(frame, ports + 2, back, ports, 2);
    return back;
  }

  @ParameterizedTest(name = "byte {1} is {2}")
  @CsvSource({
    "true,  12, 8, 6",
    "true,  20, 0x20, a fragment",
    "true,  21, 0x01, a later fragment",
    "true,  23, 17, UDP",
    "true,  14, 0x46, no room for the header",
    "true,  46, 0x40, a header of 16 bytes",
    "true,  46, 0xf0, a header beyond the frame",
    "true,  17, 30, a packet shorter than its headers",
    "false, 20, 44, an IPv6 fragment",
    "false, 19, 19, a packet shorter than its headers"
  })
  void whatIsNoWholeTcpHeaderIsRefused(boolean ipv4, int at, String value, String what) {
    byte[] frame = frame(ipv4, TestFrame.ACK, 0).bytes();
    frame[at] = (byte) (int) Integer.decode(value);
    if (at == 12) {
      frame[13] = (byte) 0x06;
    }
    assertFalse(read(frame), what);
    for (int length = 0; length < frame.length; length++) {
      assertFalse(read(frame(ipv4, TestFrame.ACK, 0).bytes(), length, false));
    }
  }

  @Property(tries = 3000)
  void randomBytesNeverThrow(
      @ForAll @Size(max = 160) byte[] bytes,
      @ForAll boolean ipv4,
      @ForAll boolean tcp,
      @ForAll boolean superFrame,
      @ForAll @IntRange(max = 70_000) int length) {
    byte[] frame = bytes.clone();
    if (frame.length > 23 && tcp) {
      frame[12] = (byte) (ipv4 ? 0x08 : 0x86);
      frame[13] = (byte) (ipv4 ? 0 : 0xdd);
      frame[ipv4 ? 23 : 20] = Ip.TCP;
    }
    MemorySegment memory = MemorySegment.ofArray(frame);
    int whole = Math.max(length, frame.length);
    if (header.read(memory, 0, frame.length, whole, superFrame)) {
      assertTrue(header.payload() >= 0 && header.payload() < whole);
    }
  }
}
