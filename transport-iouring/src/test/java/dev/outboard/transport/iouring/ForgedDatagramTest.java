package dev.outboard.transport.iouring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.linux.InternetAddress;
import dev.outboard.linux.IoUring;
import dev.outboard.linux.OutgoingMessages;
import dev.outboard.linux.UdpSocket;
import dev.outboard.packet.Vxlan;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What is not a configured peer's frame in a configured network becomes no frame, and counts. */
class ForgedDatagramTest {
  private static final int NETWORK = 0x00ab_cdef;
  private static final int FRAME = 60;

  /** A datagram to be sent to a port, and what counts it; no counter if it is a frame. */
  private record Forgery(String name, boolean fromPeer, MemorySegment bytes, String counter) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static MemorySegment bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return MemorySegment.ofArray(bytes);
  }

  private static MemorySegment datagram(int flags, int network, int reserved, int frameLength) {
    MemorySegment memory = MemorySegment.ofArray(new byte[Vxlan.HEADER + frameLength]);
    Vxlan.write(memory, 0, network);
    memory.set(ValueLayout.JAVA_BYTE, 0, (byte) flags);
    memory.set(ValueLayout.JAVA_BYTE, 3, (byte) reserved);
    memory.set(ValueLayout.JAVA_BYTE, 7, (byte) reserved);
    Patterns.write(memory.asSlice(Vxlan.HEADER), 1);
    return memory;
  }

  static Stream<Arguments> forgeries() {
    Forgery[] all = {
      new Forgery("good", true, datagram(0x08, NETWORK, 0, FRAME), ""),
      new Forgery("reserved bits set", true, datagram(0xff, NETWORK, 0xff, FRAME), ""),
      new Forgery("stranger", false, datagram(0x08, NETWORK, 0, FRAME), "unknown-peer"),
      new Forgery("no such VNI", true, datagram(0x08, NETWORK + 1, 0, FRAME), "unknown-network"),
      new Forgery("VNI 0", true, datagram(0x08, 0, 0, FRAME), "unknown-network"),
      new Forgery("VNI of all ones", true, datagram(8, 0xff_ffff, 0, FRAME), "unknown-network"),
      new Forgery("no VNI flag", true, datagram(0xf7, NETWORK, 0, FRAME), "bad-vxlan"),
      new Forgery("no frame", true, datagram(0x08, NETWORK, 0, 0), "bad-vxlan"),
      new Forgery("half a header", true, bytes(8, 0, 0, 0), "bad-vxlan"),
      new Forgery("nothing", true, bytes(), "bad-vxlan"),
      new Forgery("runt", true, datagram(0x08, NETWORK, 0, 13), "bad-vxlan"),
      new Forgery("shortest frame", true, datagram(0x08, NETWORK, 0, 14), ""),
    };
    return Stream.of(Underlay.values())
        .flatMap(underlay -> Stream.of(all).map(one -> Arguments.of(underlay, one)));
  }

  @ParameterizedTest
  @MethodSource("forgeries")
  void onlyAPeersFrameIsTaken(Underlay underlay, Forgery forgery) throws Exception {
    underlay.inPrivateNetwork(
        () -> {
          try (Host host = Host.open(underlay.there)) {
            int _ = host.peer(NETWORK, underlay.here);
            String from = forgery.fromPeer ? underlay.here : underlay.stranger;
            send(from, underlay.there, forgery.bytes, 0);
            if (forgery.counter.isEmpty()) {
              assertEquals(1, host.await());
              assertEquals(forgery.bytes.byteSize() - Vxlan.HEADER, host.received.length(0));
              assertEquals(NETWORK, host.received.network(0));
              host.release();
              assertEquals(Map.of(), host.counts());
            } else {
              host.receiveUntil(() -> !host.counts().isEmpty());
              assertEquals(Map.of(forgery.counter, 1L), host.counts());
            }
          }
        });
  }

  @ParameterizedTest
  @EnumSource
  void forgeriesAmongGoodFramesOfOneMessageAreSortedOut(Underlay underlay) throws Exception {
    underlay.inPrivateNetwork(
        () -> {
          try (Host host = Host.open(underlay.there)) {
            int _ = host.peer(NETWORK, underlay.here);
            MemorySegment good = datagram(0x08, NETWORK, 0, FRAME);
            MemorySegment foreign = datagram(0x08, NETWORK + 1, 0, FRAME);
            MemorySegment bad = datagram(0x00, NETWORK, 0, FRAME);
            long length = good.byteSize();
            MemorySegment message = MemorySegment.ofArray(new byte[(int) length * 30]);
            for (int i = 0; i < 30; i++) {
              MemorySegment one = i % 3 == 0 ? good : i % 3 == 1 ? foreign : bad;
              MemorySegment.copy(one, 0, message, i * length, length);
            }
            send(underlay.here, underlay.there, message, (int) length);
            assertEquals(10, host.await());
            for (int i = 0; i < 10; i++) {
              assertTrue(Patterns.matches(host.bytes(i), 1));
            }
            host.release();
            assertEquals(Map.of("unknown-network", 10L, "bad-vxlan", 10L), host.counts());
          }
        });
  }

  @ParameterizedTest
  @EnumSource
  void aFloodOfForgeriesDoesNotHoldUpAPeer(Underlay underlay) throws Exception {
    underlay.run(
        (here, there) -> {
          int to = here.peer(NETWORK, underlay.there);
          int _ = there.peer(NETWORK, underlay.here);
          MemorySegment bytes = datagram(0x08, NETWORK, 0, FRAME);
          for (int i = 0; i < 2000; i++) {
            send(underlay.stranger, underlay.there, bytes, 0);
          }
          here.add(to, 0, 3, 100);
          assertEquals(1, here.send());
          assertEquals(1, there.await());
          there.release();
          assertEquals(Map.of("unknown-peer", 2000L), there.counts());
        });
  }

  private static void send(String from, String to, MemorySegment bytes, int segmentSize)
      throws Exception {
    InetAddress local = InetAddress.ofLiteral(from);
    try (Arena arena = Arena.ofConfined();
        UdpSocket socket = new UdpSocket(local)) {
      socket.bind(local, 0);
      MemorySegment name = arena.allocate(InternetAddress.SIZE, 8);
      int length = InternetAddress.write(name, 0, InetAddress.ofLiteral(to), Vxlan.PORT);
      int size = (int) bytes.byteSize();
      MemorySegment memory = arena.allocate(size + 1L).copyFrom(bytes);
      OutgoingMessages messages = new OutgoingMessages(arena, 1, 1);
      messages.add(memory.address(), size);
      messages.end(name.address(), length, segmentSize);
      assertEquals(size, socket.send(messages.address(0), IoUring.DONT_WAIT));
    }
  }
}
