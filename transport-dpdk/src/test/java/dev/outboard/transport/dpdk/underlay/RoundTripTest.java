package dev.outboard.transport.dpdk.underlay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.packet.Checksum;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Assertions;

/** What one host encapsulates the other takes apart, whatever it is. */
class RoundTripTest {
  private static final int ANY = 0xff_ffff;

  @Property(tries = 500)
  void aFrameArrivesAsItWas(
      @ForAll Family family,
      @ForAll @IntRange(min = 14, max = 1500) int length,
      @ForAll @IntRange(max = ANY) int network,
      @ForAll int flowHash,
      @ForAll @IntRange(max = 9) int at,
      @ForAll long seed)
      throws Exception {
    TestHost here = TestHost.of(family, 1);
    TestHost there = TestHost.of(family, 2);
    int to = here.open(network, there);
    int from = there.open(network, here);
    here.resolve(there);
    byte[] bytes = new byte[at + family.headers + length];
    new Random(seed).nextBytes(bytes);
    MemorySegment memory = MemorySegment.ofArray(bytes);
    byte[] frame =
        memory.asSlice(at + family.headers).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    int total = here.underlay.encapsulate(memory, at, length, to, flowHash);
    assertEquals(family.headers + length, total);
    assertEquals(Verdict.FRAME, there.underlay.decapsulate(memory, at, total, false));
    assertEquals(network, there.underlay.network());
    assertEquals(from, there.underlay.nextHop());
    assertEquals(length, there.underlay.frameLength());
    byte[] arrived =
        memory
            .asSlice(at + there.underlay.frameOffset(), length)
            .toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    assertArrayEquals(frame, arrived);
    assertChecksums(family, memory.asSlice(at, total));
    int port = Bits.u16(bytes, at + family.udp);
    assertTrue(port >= 0xc000, "a port that nobody has");
    assertEquals(flowHash >>> 18, port & 0x3fff, "a flow has one port");
  }

  private static void assertChecksums(Family family, MemorySegment packet) {
    if (family == Family.IPV4) {
      assertEquals(0, Checksum.finish(Checksum.sum(packet, 14, 20, 0)), "of the IP header");
    } else {
      int datagram = (int) packet.byteSize() - family.udp;
      long sum = Checksum.sum(packet, 22, 32, datagram + 17);
      assertEquals(0, Checksum.finish(Checksum.sum(packet, family.udp, datagram, sum)), "of UDP");
    }
  }

  /** Bytes of headers changed, cut off or added: nothing throws, nothing else is read. */
  @Property(tries = 5000)
  void garbageIsJudgedToo(
      @ForAll Family family,
      @ForAll @IntRange(max = 3) int kind,
      @ForAll @IntRange(max = 4) int changes,
      @ForAll @IntRange(max = 200) int cut,
      @ForAll long seed)
      throws Exception {
    TestHost here = TestHost.of(family, 1);
    TestHost there = TestHost.of(family, 2);
    int to = here.open(5, there);
    int _ = there.open(5, here);
    byte[] request = here.requests().getLast();
    here.resolve(there);
    Assertions.assertEquals(Verdict.ANSWER, there.receive(request));
    Verdict _ = here.receive(there.answer(request));
    byte[] good =
        switch (kind) {
          case 0 -> request;
          case 1 -> there.answer(request);
          case 2 -> Packets.echo(family, 1, 2, 40);
          default -> here.send(to, 1, new byte[60]);
        };
    Random random = new Random(seed);
    byte[] packet = java.util.Arrays.copyOf(good, Math.max(0, good.length - cut % 100));
    for (int i = 0; i < changes && packet.length > 12; i++) {
      packet[12 + random.nextInt(packet.length - 12)] = (byte) random.nextInt();
    }
    TestHost target = kind == 1 ? here : there;
    if (target.receive(packet) == Verdict.ANSWER) {
      byte[] answer = target.answer(packet);
      assertTrue(answer.length <= Math.max(packet.length, Underlay.LONGEST_REQUEST));
    }
  }
}
