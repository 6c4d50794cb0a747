package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.ChainShape;
import dev.outboard.guest.Endpoint;
import dev.outboard.guest.FrameCheck;
import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.Frames;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.VirtioNet;
import dev.outboard.spi.MacAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A sender that leaves checksums and segmentation to the device, and receivers that take neither:
 * what arrives is whole, in order, and has all its checksums; every frame is accounted for.
 */
class UnlikeGuestsTest {
  private static final long PLAIN = VirtioNet.VERSION_1;
  private static final int RING = 256;

  /** A frame may wait as long as a receiver on a busy machine may take. */
  private static final EngineSettings PATIENT = new EngineSettings(1, List.of(), 50, 5_000_000, 16);

  /** Fills an MTU of 1500. */
  private static int segment(boolean ipv4) {
    return ipv4 ? 1460 : 1440;
  }

  /** Sends super-frames of every kind; few buffers, so that they stay in the cache. */
  private static final GuestOptions SENDER =
      GuestOptions.DEFAULT.withTx(ChainShape.SINGLE, GuestOptions.SUPER_BUFFER).withTxSlots(16);

  private static Endpoint endpoint(int n, boolean ipv4) {
    String address = ipv4 ? "10.0.0." + n : "fd00::" + n;
    return Endpoint.of("52:54:00:00:00:0" + n, address);
  }

  private static GuestSpec spec(TestHost host, int n, boolean ipv4) {
    Endpoint endpoint = endpoint(n, ipv4);
    return new GuestSpec(
        "g" + n,
        "acme",
        TestHost.NETWORK,
        new MacAddress(endpoint.mac()),
        List.of(endpoint.address()),
        GuestSocket.listen(host.socket(n)),
        1500,
        Optional.empty(),
        true);
  }

  private static FrameTemplate superFrame(boolean ipv4, int length, int segment) {
    return FrameTemplate.tcp(endpoint(1, ipv4), endpoint(2, ipv4), length, segment).withContent();
  }

  /** One kind of receiver. */
  record Receiver(String name, boolean ipv4, long features, int buffer, int queueSize) {
    GuestOptions options() {
      return GuestOptions.DEFAULT
          .withFeatures(features)
          .withRx(ChainShape.SINGLE, buffer)
          .withQueueSize(queueSize);
    }

    @Override
    public String toString() {
      return name + (ipv4 ? ", IPv4" : ", IPv6");
    }
  }

  static List<Receiver> receivers() {
    List<Receiver> all = new ArrayList<>();
    long merging = PLAIN | VirtioNet.MRG_RXBUF;
    for (boolean ipv4 : new boolean[] {true, false}) {
      all.add(new Receiver("nothing", ipv4, PLAIN, 2048, RING));
      all.add(new Receiver("events", ipv4, PLAIN | VirtioNet.EVENT_IDX, 2048, RING));
      all.add(new Receiver("merged buffers", ipv4, merging, 2048, RING));
      all.add(new Receiver("small merged buffers", ipv4, merging, 300, RING));
      all.add(new Receiver("checksums", ipv4, PLAIN | VirtioNet.GUEST_CSUM, 2048, RING));
      all.add(new Receiver("a ring shorter than a super-frame", ipv4, PLAIN, 2048, 16));
      long other = ipv4 ? VirtioNet.GUEST_TSO6 : VirtioNet.GUEST_TSO4;
      all.add(
          new Receiver("the other TSO", ipv4, merging | VirtioNet.GUEST_CSUM | other, 2048, RING));
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("receivers")
  void superFramesArriveInSegments(Receiver receiver) throws Exception {
    int frames = 60;
    int length = 40_054;
    int segment = segment(receiver.ipv4);
    try (TestHost host = new TestHost(PATIENT)) {
      VhostUserGuest a = host.start(spec(host, 1, receiver.ipv4), SENDER);
      VhostUserGuest b = host.start(spec(host, 2, receiver.ipv4), receiver.options());
      FrameTemplate template = superFrame(receiver.ipv4, length, segment);
      FrameCheck check = new FrameCheck(template);
      stream(a, b, template, check, frames);
      long payload = template.payloadLength();
      long segments = (payload + segment - 1) / segment;
      assertEquals(frames * payload, check.payloadBytes());
      assertEquals(0, check.lost() + check.late() + check.corrupt());
      assertEquals(frames * segments, check.frames());
      GuestStatus.Counters sent = host.counters(1);
      assertEquals(Map.of(), sent.drops());
      assertEquals(frames, sent.sentFrames());
      assertEquals(frames, sent.segmentedFrames());
      assertEquals(frames * segments, sent.segments());
      assertEquals(frames * segments, host.counters(2).receivedFrames());
    }
  }

  /** Sends one after the other and receives meanwhile, until all payload has come. */
  private static void stream(
      VhostUserGuest from, VhostUserGuest to, FrameTemplate template, FrameCheck check, int frames)
      throws Exception {
    long sent = 0;
    long deadline = System.nanoTime() + 20_000_000_000L;
    while (check.position() < frames) {
      if (sent < frames && sent - check.position() < 4) {
        sent += from.send(template, sent, 1);
      }
      if (to.receive(check, 64) == 0) {
        to.await(1_000_000);
      }
      assertTrue(System.nanoTime() < deadline, "waited in vain");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 100, 536})
  void segmentsMayBeTiny(int segment) throws Exception {
    try (TestHost host = new TestHost(PATIENT)) {
      VhostUserGuest a = host.start(spec(host, 1, true), SENDER);
      VhostUserGuest b = host.start(spec(host, 2, true), GuestOptions.DEFAULT.withFeatures(PLAIN));
      FrameTemplate template = superFrame(true, 40_054, segment);
      FrameCheck check = new FrameCheck(template);
      stream(a, b, template, check, 3);
      assertEquals(0, check.lost() + check.late() + check.corrupt());
      assertEquals(Map.of(), host.drops(1));
      assertEquals(3L * ((40_000 + segment - 1) / segment), check.frames());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void missingChecksumsAreFilledIn(boolean tcp) throws Exception {
    int frames = 1000;
    try (TestHost host = new TestHost()) {
      VhostUserGuest a = host.start(spec(host, 1, false), SENDER);
      VhostUserGuest b = host.start(spec(host, 2, false), GuestOptions.DEFAULT.withFeatures(PLAIN));
      Endpoint from = endpoint(1, false);
      Endpoint to = endpoint(2, false);
      FrameTemplate template =
          (tcp
                  ? FrameTemplate.tcp(from, to, 1000, segment(false))
                  : FrameTemplate.udp(from, to, 1000))
              .withContent();
      FrameCheck check = new FrameCheck(template);
      TestHost.stream(a, b, template, check, frames, 8);
      assertEquals(frames, check.frames());
      assertEquals(0, check.lost() + check.late() + check.corrupt());
      assertEquals(frames, host.counters(2).receivedFrames());
      assertEquals(0, host.counters(1).segments());
    }
  }

  @Test
  void allIsCountedWhenTheReceiverStopsReadingInTheMiddle() throws Exception {
    int frames = 50;
    try (TestHost host = new TestHost()) {
      VhostUserGuest a = host.start(spec(host, 1, true), SENDER);
      VhostUserGuest b = host.start(spec(host, 2, true), GuestOptions.DEFAULT.withFeatures(PLAIN));
      FrameTemplate template = superFrame(true, 40_054, segment(true));
      for (long sent = 0; sent < frames; ) {
        sent += a.send(template, sent, 1);
      }
      TestHost.await(() -> host.counters(1).sentFrames() == frames);
      GuestStatus.Counters c = host.counters(1);
      long dropped = c.drops().values().stream().mapToLong(Long::longValue).sum();
      assertEquals(frames, dropped + c.segmentedFrames());
      assertEquals(RING, c.segments());
      assertEquals(RING, host.counters(2).receivedFrames());
      assertEquals(1, c.drops().get("destination-full"));
      // Nine whole ones of 28 segments, and four segments of the one that was dropped.
      assertEquals(RING / 28, c.segmentedFrames());
      FrameCheck check = new FrameCheck(template);
      TestHost.receive(b, check, RING);
      assertEquals(0, check.lost() + check.late() + check.corrupt());
      check.expect(frames);
      for (int n = 0; n < 5; n++) {
        int _ = a.send(template, frames + n, 1);
        TestHost.receive(b, check, RING + 28L * (n + 1));
      }
      assertEquals(0, check.lost() + check.late() + check.corrupt(), "it goes on from the start");
    }
  }

  @Test
  void aSuperFrameThatContradictsItselfIsDroppedByThatName() throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest a = host.start(spec(host, 1, true), SENDER);
      host.start(spec(host, 2, true), GuestOptions.DEFAULT.withFeatures(PLAIN));
      byte[] frame = tcpFrame(5000);
      ByteBuffer.wrap(frame).putShort(VirtioNet.HEADER_SIZE + 16, (short) 999);
      assertTrue(a.sendBytes(frame));
      TestHost.await(() -> host.drops(1).equals(Map.of("needs-offload", 1L)));
      assertEquals(0, host.counters(2).receivedFrames());
    }
  }

  /** Fields of the virtio-net header that would have us write over addresses in the headers. */
  @ParameterizedTest
  @ValueSource(ints = {12, 16, 20})
  void aGuestCanNotHaveItsAddressOverwrittenByAChecksum(int offset) throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest a = host.start(spec(host, 1, true), SENDER);
      host.start(spec(host, 2, true), GuestOptions.DEFAULT.withFeatures(PLAIN));
      byte[] frame = tcpFrame(500);
      ByteBuffer header = ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN);
      header.put(VirtioNet.HEADER_GSO_TYPE, (byte) VirtioNet.GSO_NONE);
      header.putShort(VirtioNet.HEADER_CHECKSUM_START, (short) Frames.ETHERNET_HEADER);
      header.putShort(VirtioNet.HEADER_CHECKSUM_OFFSET, (short) offset);
      assertTrue(a.sendBytes(frame));
      TestHost.await(() -> host.drops(1).equals(Map.of("needs-offload", 1L)));
      assertEquals(0, host.counters(2).receivedFrames());
    }
  }

  /** A super-frame, its virtio-net header first. */
  private static byte[] tcpFrame(int payload) {
    Endpoint from = endpoint(1, true);
    Endpoint to = endpoint(2, true);
    byte[] segment = Frames.tcp(from.ip(), to.ip(), 1, 2, 3, new byte[payload]);
    byte[] packet = Frames.ipv4Packet(from.ip(), to.ip(), 6, segment);
    byte[] frame = Frames.ethernet(to.mac(), from.mac(), Frames.TYPE_IPV4, packet);
    ByteBuffer out = ByteBuffer.allocate(VirtioNet.HEADER_SIZE + frame.length);
    out.order(ByteOrder.LITTLE_ENDIAN);
    out.put((byte) VirtioNet.NEEDS_CHECKSUM).put((byte) VirtioNet.GSO_TCPV4);
    out.putShort((short) 54).putShort((short) 1000).putShort((short) 34).putShort((short) 16);
    return out.position(VirtioNet.HEADER_SIZE).put(frame).array();
  }
}
