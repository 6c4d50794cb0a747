package dev.outboard.transport.tuntap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.linux.Links;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.Offloads;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Frames through real TAPs and a real bridge. */
class TapPortTest {
  private static final int HEADER = 12;

  @Test
  void aFrameSpreadsOverSmallBuffers() throws Exception {
    TestHost.run(
        host -> {
          try (TestGuest one = host.guest(1);
              TestGuest two = host.guest(2)) {
            two.bufferBytes = 300;
            two.fragmentBytes = 128;
            byte[] large = Packets.plain(TestHost.mac(2), TestHost.mac(1), 1514, 1);
            byte[] small = Packets.plain(TestHost.mac(2), TestHost.mac(1), 60, 2);
            one.begin().add(large).add(small).add(large).add(small).send();
            List<byte[]> received = two.receive();
            assertEquals(4, received.size());
            assertArrayEquals(large, Packets.withoutHeader(received.get(0), HEADER));
            assertArrayEquals(small, Packets.withoutHeader(received.get(1), HEADER));
            assertArrayEquals(large, Packets.withoutHeader(received.get(2), HEADER));
            assertArrayEquals(small, Packets.withoutHeader(received.get(3), HEADER));
            assertEquals(6, two.space.frameBuffers(0));
            assertEquals(1, two.space.frameBuffers(1));
          }
        });
  }

  @Test
  void anyShapeOfBuffersWillDo() throws Exception {
    TestHost.run(
        host -> {
          Random random = new Random(20_261_123);
          try (TestGuest one = host.guest(1);
              TestGuest two = host.guest(2)) {
            for (int round = 0; round < 300; round++) {
              two.bufferBytes = 100 + random.nextInt(3000);
              two.fragmentBytes = 40 + random.nextInt(two.bufferBytes);
              int frames = 1 + random.nextInt(20);
              byte[][] sent = new byte[frames][];
              one.begin();
              for (int i = 0; i < frames; i++) {
                int size = 60 + random.nextInt(1514 - 60 + 1);
                sent[i] = Packets.plain(TestHost.mac(2), TestHost.mac(1), size, i);
                one.add(sent[i], 0, 0, 1 + random.nextInt(50));
              }
              one.send();
              int got = 0;
              List<byte[]> burst = two.receive(1 + random.nextInt(30));
              while (!burst.isEmpty()) {
                for (byte[] frame : burst) {
                  assertArrayEquals(sent[got++], Packets.withoutHeader(frame, HEADER));
                }
                burst = two.receive(1 + random.nextInt(30));
              }
              assertEquals(frames, got);
            }
          }
        });
  }

  @Test
  void oldDriversHaveShortHeadersAndNoMergedBuffers() throws Exception {
    TestHost.run(
        host -> {
          try (TestGuest one = host.guest(1);
              TestGuest two = host.guest(2)) {
            two.mergeable = false;
            two.headerLength = 10;
            two.largestFrame = 1524;
            two.bufferBytes = 1524;
            two.fragmentBytes = 1000;
            byte[] frame = Packets.plain(TestHost.mac(2), TestHost.mac(1), 1514, 1);
            assertEquals(List.of(), two.receive());
            one.begin().add(frame).add(frame).send();
            List<byte[]> received = two.receive();
            assertEquals(2, received.size());
            assertArrayEquals(frame, Packets.withoutHeader(received.get(1), 10));
            two.begin().add(Packets.plain(TestHost.mac(1), TestHost.mac(2), 100, 3)).send();
            assertEquals(100 + HEADER, one.receive().getFirst().length);

            two.bufferBytes = 512;
            two.fragmentBytes = 512;
            byte[] small = Packets.plain(TestHost.mac(2), TestHost.mac(1), 500, 1);
            one.begin().add(frame).add(small).send();
            received = two.receive();
            assertEquals(1, received.size());
            assertArrayEquals(small, Packets.withoutHeader(received.getFirst(), 10));
            assertEquals(1, host.count("tap-oversized"));
          }
        });
  }

  @Test
  void stopsWhereThereIsNoRoomAndGoesOnLater() throws Exception {
    TestHost.run(
        host -> {
          try (TestGuest one = host.guest(1);
              TestGuest two = host.guest(2)) {
            one.begin();
            for (int i = 0; i < 10; i++) {
              one.add(Packets.plain(TestHost.mac(2), TestHost.mac(1), 1000, i));
            }
            one.send();
            assertEquals(3, two.receive(3).size());
            two.space.clear(true, HEADER, 1526);
            two.space.addFragment(two.region, 0, 1525);
            two.space.endBuffer();
            assertEquals(0, two.port.receive(two.space, 64));
            two.space.clear(true, HEADER, 1526);
            two.space.addFragment(two.region, 0, 1526);
            two.space.endBuffer();
            assertEquals(1, two.port.receive(two.space, 64));
            assertEquals(6, two.receive().size());
          }
        });
  }

  @Test
  void aSuperFrameStaysWholeForAGuestThatTakesIt() throws Exception {
    TestHost.run(
        host -> {
          try (TestGuest one = host.guest(1);
              TestGuest two = host.guest(2)) {
            two.port.receiveOffloads(Offloads.CHECKSUM | Offloads.TSO4 | Offloads.TSO6);
            two.largestFrame = 65_550 + HEADER;
            byte[] frame = superFrame();
            one.begin().add(frame, superFrameOffload(), 16, Packets.TCP_HEADERS, 20_000).send();
            List<byte[]> received = two.receive();
            assertEquals(1, received.size());
            assertArrayEquals(frame, Packets.withoutHeader(received.getFirst(), HEADER));
            ByteBuffer header = ByteBuffer.wrap(received.getFirst()).order(ByteOrder.LITTLE_ENDIAN);
            assertEquals(FrameBurst.NEEDS_CHECKSUM, header.get(0) & 1);
            assertEquals(FrameBurst.GSO_TCPV4, header.get(1));
            assertEquals(1448, header.getShort(4));
            assertEquals(34, header.getShort(6));
            assertEquals(16, header.getShort(8));
          }
        });
  }

  @Test
  void aSuperFrameIsCutForAGuestThatDoesNot() throws Exception {
    TestHost.run(
        host -> {
          try (TestGuest one = host.guest(1);
              TestGuest two = host.guest(2)) {
            byte[] frame = superFrame();
            one.begin().add(frame, superFrameOffload(), 16, Packets.TCP_HEADERS).send();
            ByteArrayOutputStream payload = new ByteArrayOutputStream();
            for (byte[] received : two.receive()) {
              byte[] segment = Packets.withoutHeader(received, HEADER);
              assertTrue(segment.length <= 1514);
              assertTrue(Packets.isTcpSumRight(segment));
              assertEquals(0, received[0] & FrameBurst.NEEDS_CHECKSUM);
              assertEquals(0, received[1]);
              payload.write(segment, Packets.TCP_HEADERS, segment.length - Packets.TCP_HEADERS);
            }
            assertArrayEquals(
                Arrays.copyOfRange(frame, Packets.TCP_HEADERS, frame.length),
                payload.toByteArray());
          }
        });
  }

  private static byte[] superFrame() {
    return Packets.tcp(TestHost.mac(2), TestHost.mac(1), 60_000, true);
  }

  private static long superFrameOffload() {
    return FrameBurst.NEEDS_CHECKSUM
        | FrameBurst.GSO_TCPV4 << 8
        | (long) Packets.TCP_HEADERS << 16
        | 1448L << 32
        | (long) (Packets.ETHERNET + Packets.IPV4) << 48;
  }

  @Test
  void whatWasQueuedForAFormerDriverIsDropped() throws Exception {
    TestHost.run(
        host -> {
          try (TestGuest one = host.guest(1);
              TestGuest two = host.guest(2)) {
            two.port.receiveOffloads(Offloads.CHECKSUM | Offloads.TSO4 | Offloads.TSO6);
            one.begin().add(superFrame(), superFrameOffload(), 16, Packets.TCP_HEADERS).send();
            two.port.receiveOffloads(0);
            assertEquals(List.of(), two.receive());
            assertEquals(1, host.count("tap-stale"));
            one.begin().add(superFrame(), superFrameOffload(), 16, Packets.TCP_HEADERS).send();
            assertEquals(42, two.receive().size());
          }
        });
  }

  @Test
  void malformedFramesAreCountedAndHoldNothingUp() throws Exception {
    TestHost.run(
        host -> {
          try (TestGuest one = host.guest(1);
              TestGuest two = host.guest(2)) {
            byte[] good = Packets.plain(TestHost.mac(2), TestHost.mac(1), 100, 1);
            long checksumBeyondEnd = FrameBurst.NEEDS_CHECKSUM | 5000L << 48;
            one.begin().add(good, checksumBeyondEnd, 16).add(new byte[4]).add(good).send();
            assertEquals(2, host.count("tap-refused"));
            assertEquals(1, two.receive().size());
          }
        });
  }

  @Test
  void aTapSetDownIsCountedAndWorksAgain() throws Exception {
    TestHost.run(
        host -> {
          try (TestGuest one = host.guest(1);
              TestGuest two = host.guest(2)) {
            byte[] frame = Packets.plain(TestHost.mac(2), TestHost.mac(1), 100, 1);
            Links.setDown(one.port.tap().name());
            one.begin().add(frame).send();
            assertEquals(1, host.count("tap-down"));
            Links.setUp(one.port.tap().name());
            one.begin().add(frame).send();
            assertEquals(1, two.receive().size());
          }
        });
  }

  @Test
  void aDeletedTapFailsWithItsReason() throws Exception {
    TestHost.run(
        host -> {
          try (TestGuest one = host.guest(1);
              TestGuest two = host.guest(2)) {
            assertNull(one.port.failure());
            Trash.delete(List.of(one.port.tap().name(), two.port.tap().name()));
            one.begin().add(Packets.plain(TestHost.mac(2), TestHost.mac(1), 100, 1));
            assertEquals(0, one.port.transmit(one.burst, 0, 1));
            String reason = one.port.failure();
            assertTrue(reason.matches("write to TAP ob\\w+: .*\\(EBADFD\\); .*attach.*"), reason);
            assertEquals(0, one.port.transmit(one.burst, 0, 1));
            assertEquals(List.of(), two.receive());
            reason = two.port.failure();
            assertTrue(reason.startsWith("read from TAP"), reason);
          }
        });
  }

  @Test
  void eachGuestHearsWhatIsForItAndBroadcastsOfItsTenant() throws Exception {
    TestHost.run(
        host -> {
          try (TestGuest one = host.guest(1);
              TestGuest two = host.guest(2);
              TestGuest three = host.guest(3);
              TestGuest stranger = host.guest(4, 7, "b");
              TestGuest elsewhere = host.guest(5, 8, "a")) {
            byte[] unicast = Packets.plain(TestHost.mac(2), TestHost.mac(1), 100, 1);
            byte[] broadcast = Packets.plain(Packets.BROADCAST, TestHost.mac(1), 100, 2);
            byte[] unknown = Packets.plain(TestHost.mac(99), TestHost.mac(1), 100, 3);
            byte[] foreign = Packets.plain(TestHost.mac(4), TestHost.mac(1), 100, 4);
            one.begin().add(unicast).add(unknown).add(broadcast).add(foreign).send();
            assertEquals(2, two.receive().size());
            assertEquals(1, three.receive().size());
            assertEquals(0, one.receive().size());
            assertEquals(0, stranger.receive().size());
            assertEquals(0, elsewhere.receive().size());
          }
        });
  }
}
