package dev.outboard.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.linux.MemoryFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The bytes of test frames, and that the receiver's check sees what is wrong with one. */
class FramesTest {
  private static final Endpoint A = Endpoint.of("52:54:00:00:00:01", "10.0.0.1");
  private static final Endpoint B = Endpoint.of("52:54:00:00:00:02", "10.0.0.2");
  private static final Endpoint A6 = Endpoint.of("52:54:00:00:00:01", "fe80::1");
  private static final Endpoint B6 = Endpoint.of("52:54:00:00:00:02", "fe80::2");

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  @Test
  void arpRequestIsThatOfTheRfc() {
    assertEquals(
        "ffffffffffff5254000000010806"
            + "0001080006040001"
            + "5254000000010a000001"
            + "0000000000000a000002",
        hex(Frames.arpRequest(A.mac(), A.ip(), B.ip())));
  }

  @Test
  void headerChecksumIsThatOfAWorkedExample() {
    // 4500 + 001c + 4000 + 4011 + 0a00 + 0001 + 0a00 + 0002 = d930, whose complement is 26cf.
    byte[] packet = Frames.ipv4Packet(A.ip(), B.ip(), 17, new byte[8]);
    assertEquals("4500001c00004000401126cf0a0000010a000002", hex(packet).substring(0, 40));
  }

  @Test
  void transportChecksumsSumUpToOnes() {
    byte[] payload = HexFormat.of().parseHex("0102030405");
    byte[] udp = Frames.udp(A.ip(), B.ip(), 1, 2, payload);
    assertEquals(0xffff, Frames.sum(udp, 0, udp.length, pseudo(A, B, 17, udp.length)));
    byte[] tcp = Frames.tcp(A6.ip(), B6.ip(), 1, 2, 3, payload);
    assertEquals(0xffff, Frames.sum(tcp, 0, tcp.length, pseudo(A6, B6, 6, tcp.length)));
  }

  private static int pseudo(Endpoint from, Endpoint to, int protocol, int length) {
    return Frames.pseudoHeaderSum(from.ip(), to.ip(), protocol, length);
  }

  @Test
  void solicitationGoesToTheGroupOfItsTarget() {
    byte[] frame = Frames.neighbourSolicitation(A6.mac(), A6.ip(), B6.ip());
    assertTrue(hex(frame).startsWith("3333ff0000025254000000" + "0186dd"), hex(frame));
    byte[] message = Arrays.copyOfRange(frame, 54, frame.length);
    byte[] group = Arrays.copyOfRange(frame, 38, 54);
    assertEquals("ff0200000000000000000001ff000002", hex(group));
    int sum = Frames.pseudoHeaderSum(A6.ip(), group, 58, message.length);
    assertEquals(0xffff, Frames.sum(message, 0, message.length, sum));
    byte[] detection = Frames.neighbourSolicitation(A6.mac(), new byte[16], A6.ip());
    assertEquals(54 + 24, detection.length);
  }

  private static FrameCheck checked(FrameTemplate template, int spoiledByte) {
    FrameCheck check = new FrameCheck(template);
    try (Arena arena = Arena.ofConfined()) {
      int size = VirtioNet.HEADER_SIZE + template.length();
      MemorySegment memory = arena.allocate(size);
      template.copyTo(memory, 0);
      template.stamp(memory, 0, 0);
      if (spoiledByte >= 0) {
        int at = VirtioNet.HEADER_SIZE + spoiledByte;
        byte old = memory.get(ValueLayout.JAVA_BYTE, at);
        memory.set(ValueLayout.JAVA_BYTE, at, (byte) (old ^ 4));
      }
      check.accept(memory, 0, size, size);
    }
    return check;
  }

  @Test
  void spoiledContentIsSeenInEveryKind() {
    for (FrameTemplate template :
        new FrameTemplate[] {
          FrameTemplate.raw(A, B, 300),
          FrameTemplate.udp(A, B, 300),
          FrameTemplate.udp(A6, B6, 300),
          FrameTemplate.tcp(A, B, 300, 100),
          FrameTemplate.tcp(A6, B6, 300, 1000)
        }) {
      FrameTemplate full = template.withContent();
      assertEquals(0, checked(full, -1).corrupt());
      assertEquals(1, checked(full, -1).frames());
      assertEquals(1, checked(full, 299).corrupt());
      assertEquals(1, checked(full, template.payloadOffset() + 8).corrupt());
      assertEquals(1, checked(full, 12).foreign(), "another EtherType");
    }
  }

  @Test
  void superFrameSaysHowToCutIt() {
    FrameTemplate template = FrameTemplate.tcp(A6, B6, 65_226, 1428);
    byte[] header = template.image().asSlice(0, 12).toArray(ValueLayout.JAVA_BYTE);
    // flags 1, TCPv6, headers 74 = 14+40+20, segment 1428, checksum from 54 at 16
    assertEquals("01044a009405360010000000", hex(header));
    FrameTemplate plain = FrameTemplate.tcp(A, B, 1514, 1460);
    header = plain.image().asSlice(0, 12).toArray(ValueLayout.JAVA_BYTE);
    assertEquals("010000000000220010000000", hex(header));
  }

  @Test
  void giveUpCountsWhatIsMissing() {
    FrameCheck check = new FrameCheck(FrameTemplate.raw(A, B, 64));
    check.giveUp(5);
    assertEquals(5, check.lost());
    assertEquals(5, check.position());
    check.giveUp(5);
    assertEquals(5, check.lost());
  }

  @Test
  void namesAreNoAddresses() {
    assertThrows(
        IllegalArgumentException.class, () -> Endpoint.of("52:54:00:00:00:01", "example.org"));
    assertFalse(A6.isIpv4());
  }

  @Test
  void memoryHasThreeDifferentAddressesAndCannotShrink() throws Exception {
    GuestMemory.Options options = new GuestMemory.Options(2, false, true);
    try (GuestMemory memory = new GuestMemory("test", options, 10_000, 20_000)) {
      for (var region : memory.regions()) {
        assertTrue(region.fileOffset() > 0);
        assertTrue(region.guestAddress() != region.userAddress());
        assertTrue(region.guestAddress() != region.fileOffset());
        assertEquals(0, region.size() % 4096);
      }
      assertThrows(IOException.class, () -> MemoryFile.resize(memory.fd(), 0));
      GuestMemory.Area area = memory.allocate(1, 5000);
      assertEquals(memory.regions().get(1).guestAddress(), area.guestAddress());
      assertEquals(
          memory.regions().get(1).guestAddress() + 8192, memory.allocate(1, 10).guestAddress());
      assertThrows(IllegalArgumentException.class, () -> memory.allocate(0, 20_000));
    }
  }
}
