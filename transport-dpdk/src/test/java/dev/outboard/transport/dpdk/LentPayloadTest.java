package dev.outboard.transport.dpdk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.outboard.linux.Mapping;
import dev.outboard.spi.Availability;
import dev.outboard.spi.Counter;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.Region;
import dev.outboard.spi.RegionTable;
import dev.outboard.transport.dpdk.ffi.DeviceName;
import dev.outboard.transport.dpdk.ffi.Eal;
import dev.outboard.transport.dpdk.ffi.FastPath;
import dev.outboard.transport.dpdk.ffi.Packets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Payload is sent from where it lies, and held for as long as the device has it. The device is a
 * {@code net_ring}, whose far end keeps packets as a slow NIC would; users can't have it so.
 */
class LentPayloadTest {
  private static final int HEADERS = 128;
  private static final int PAYLOAD = 1_100;
  private static final int SLOT = 2048;
  private static final int FRAMES = 32;
  private static final long PAGE = Mapping.pageSize();

  private final RegionTable regions = new RegionTable();
  private final MemorySegment headers = Arena.ofAuto().allocate((long) FRAMES * SLOT);
  private final MemorySegment payload = Arena.ofAuto().allocate((long) FRAMES * SLOT, PAGE);
  private final int headerRegion = regions.add(headers);
  private final Region guest = new Region(regions.add(payload), payload, PAGE);
  private final FrameBurst burst = new FrameBurst(regions, FRAMES, 8 * FRAMES);
  private final ReadableMemory readable = new ReadableMemory(ReadableMemory.BY_PROCESSOR);
  private final MemorySegment got = Arena.ofAuto().allocate(64L * Long.BYTES, Long.BYTES);
  private final long[] tokens = new long[FRAMES];
  private OpenDevice near;
  private OpenDevice far;
  private FastPath farPath;
  private Sender sender;

  @BeforeEach
  void open() throws Exception {
    Availability availability = new DpdkProvider().probe();
    assumeTrue(availability.usable(), availability.reason() + "; " + availability.remedy());
    UplinkSettings settings = settings();
    Eal.start(settings.eal());
    near = OpenDevice.open(DeviceName.parse("net_ring0,peer=net_ring1"), settings, 1);
    far = OpenDevice.open(DeviceName.parse("net_ring1,peer=net_ring0"), settings, 1);
    farPath = far.path();
    Drops drops = new Drops(_ -> new Counter());
    Vlans vlans = new Vlans(7);
    int _ = vlans.open(7, Vlans.WIRE).number();
    sender =
        new Sender(
            new PlainWire(vlans, drops),
            drops,
            new SendBuffers(
                new PacketRing(2048, 2048, -1),
                2048,
                null,
                new LentPayload(readable, near.path(), 0, -1),
                null),
            null,
            near.path(),
            1514);
    sender.use(new TransmitQueues(1, 1, false).of(0));
    readable.add(guest);
    for (int at = 0; at < FRAMES * SLOT; at++) {
      headers.set(ValueLayout.JAVA_BYTE, at, (byte) (at % 101));
      payload.set(ValueLayout.JAVA_BYTE, at, (byte) (at % 103));
    }
  }

  private static UplinkSettings settings() {
    return new UplinkSettings(
        List.of(),
        false,
        new Eal.Options(false, 512, ""),
        1500,
        "",
        "",
        4789,
        7,
        512,
        ZeroCopy.Wish.OFF,
        true,
        1_000);
  }

  @AfterEach
  void close() {
    if (sender != null) {
      boolean _ = sender.stop();
      sender.close();
    }
    if (far != null) {
      far.close();
    }
    if (near != null) {
      near.close();
    }
  }

  /** Adds a frame of headers and so many pieces of payload. */
  private void add(long token, int pieces, int bytes) {
    int slot = burst.count();
    long at = (long) slot * SLOT;
    burst.addFragment(headerRegion, at, HEADERS);
    for (int piece = 0; piece < pieces; piece++) {
      int from = bytes * piece / pieces;
      burst.addFragment(guest.number(), at + from, bytes * (piece + 1) / pieces - from);
    }
    burst.endFrame(7, HEADERS + bytes, 0, 0);
    burst.setRoute(slot, Vlans.hop(Vlans.NO_TAG), 0);
    burst.setToken(slot, token);
  }

  /** Sends one frame; how often it is held. */
  private int send(long token, int pieces, int bytes) {
    burst.clear();
    add(token, pieces, bytes);
    assertEquals(1, sender.transmit(burst, 0, 1));
    return burst.takeHolds();
  }

  private int receive() {
    return farPath.receive(0, got.address(), FRAMES);
  }

  /** The packet that was received first, in one piece. */
  private byte[] bytes() {
    long joined = Packets.copy(got.getAtIndex(ValueLayout.JAVA_LONG, 0), far.pool());
    byte[] bytes =
        Packets.memory()
            .asSlice(Packets.data(joined), Packets.length(joined))
            .toArray(ValueLayout.JAVA_BYTE);
    got.setAtIndex(ValueLayout.JAVA_LONG, 63, joined);
    Packets.free(got.address() + 63L * Long.BYTES, 1);
    return bytes;
  }

  private byte[] expected(int bytes) {
    byte[] all = new byte[HEADERS + bytes];
    MemorySegment.copy(headers, ValueLayout.JAVA_BYTE, 0, all, 0, HEADERS);
    MemorySegment.copy(payload, ValueLayout.JAVA_BYTE, 0, all, HEADERS, bytes);
    return all;
  }

  @Test
  void payloadIsReadWhereItLiesUntilTheDeviceLetsGo() {
    assertEquals(1, send(77, 2, PAYLOAD));
    // Headers are the worker's, who uses them again; payload is what the guest makes of it.
    byte[] sent = expected(PAYLOAD);
    headers.set(ValueLayout.JAVA_BYTE, 0, (byte) 0xee);
    payload.set(ValueLayout.JAVA_BYTE, 500, (byte) 0xee);
    sent[HEADERS + 500] = (byte) 0xee;
    assertEquals(1, receive());
    assertEquals(3, Packets.segments(got.getAtIndex(ValueLayout.JAVA_LONG, 0)));
    assertArrayEquals(sent, bytes());
    assertEquals(0, sender.reclaim(tokens, FRAMES), "it is read yet");
    Packets.free(got.address(), 1);
    assertEquals(1, sender.reclaim(tokens, FRAMES));
    assertEquals(77, tokens[0]);
    assertEquals(0, sender.reclaim(tokens, FRAMES), "a token comes back once");
  }

  @Test
  void whatMayNotBeHeldIsCopied() {
    assertEquals(0, send(FrameBurst.NO_TOKEN, 1, PAYLOAD));
    assertCopied("a frame without a token");
  }

  @Test
  void shortPayloadIsCopied() {
    assertEquals(0, send(1, 1, LentPayload.LEAST_BYTES - 1));
    assertCopied("short payload");
  }

  @Test
  void payloadInManyPiecesIsCopied() {
    assertEquals(0, send(1, 4, PAYLOAD));
    assertCopied("payload in 4 pieces");
  }

  @Test
  void memoryThatIsNotToldOfIsCopied() {
    readable.remove(guest);
    assertEquals(0, send(1, 1, PAYLOAD));
    assertCopied("memory that may shrink");
  }

  @Test
  void memoryInHugePagesIsCopied() {
    readable.remove(guest);
    readable.add(new Region(guest.number(), payload, 2 << 20));
    assertEquals(0, send(1, 1, PAYLOAD));
    assertCopied("a page that may be gone");
  }

  private void assertCopied(String what) {
    assertEquals(1, receive(), what);
    assertEquals(1, Packets.segments(got.getAtIndex(ValueLayout.JAVA_LONG, 0)), what);
    Packets.free(got.address(), 1);
  }

  @Test
  void framesThatTheDeviceHasNoRoomForStayWithTheCaller() {
    long sent = 0;
    long back = 0;
    for (int round = 0; round < 500; round++) {
      burst.clear();
      for (int i = 0; i < FRAMES; i++) {
        add(sent + i, 1 + i % 2, PAYLOAD);
      }
      int accepted = sender.transmit(burst, 0, FRAMES);
      assertTrue(burst.takeHolds() <= accepted);
      sent += accepted;
      if (accepted < FRAMES) {
        for (int count = receive(); count > 0; count = receive()) {
          Packets.free(got.address(), count);
        }
        back += reclaimInOrder(back);
      }
    }
    for (int count = receive(); count > 0; count = receive()) {
      Packets.free(got.address(), count);
    }
    back += reclaimInOrder(back);
    assertTrue(back > 2_000, back + " frames were held");
    assertEquals(0, sender.reclaim(tokens, FRAMES));
  }

  private long last = -1;

  private long reclaimInOrder(long before) {
    long count = 0;
    for (int some = sender.reclaim(tokens, 5); some > 0; some = sender.reclaim(tokens, 5)) {
      assertTrue(some <= 5);
      for (int i = 0; i < some; i++) {
        assertTrue(tokens[i] > last, tokens[i] + " after " + last + ", " + before + " before");
        last = tokens[i];
      }
      count += some;
    }
    return count;
  }

  @Test
  void whoGoesWhileTheDeviceDoesNotLetGoIsTold() {
    assertEquals(1, send(1, 1, PAYLOAD));
    assertFalse(sender.stop(), "the far end has it");
    assertEquals(1, receive());
    Packets.free(got.address(), 1);
    assertEquals(1, send(2, 1, PAYLOAD));
    assertEquals(1, receive());
    Packets.free(got.address(), 1);
    assertTrue(sender.stop());
  }
}
