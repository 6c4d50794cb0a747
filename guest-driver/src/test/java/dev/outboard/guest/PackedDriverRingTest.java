package dev.outboard.guest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The driver's side of the packed layout, against a device of the specification's own words. */
class PackedDriverRingTest {
  private static final Endpoint A = Endpoint.of("52:54:00:00:00:01", "10.0.0.1");
  private static final Endpoint B = Endpoint.of("52:54:00:00:00:02", "10.0.0.2");
  private static final int RING = 7;
  private static final int BUFFER = 2048;
  private static final int WRAP = 1 << 15;
  private static final long FEATURES = VirtioNet.RING_PACKED | VirtioNet.EVENT_IDX;

  private GuestMemory memory;
  private GuestMemory.Area buffers;
  private DriverRing ring;
  private RawPackedRing raw;

  /** Where the device is. */
  private int slot;

  private boolean wrap = true;

  @BeforeEach
  void allocate() throws Exception {
    long bytes = DriverRing.bytes(RING);
    memory = new GuestMemory("test", GuestMemory.Options.DEFAULT, bytes + (1 << 17));
    ring = DriverRing.create(memory.allocate(0, bytes), RING, FEATURES);
    buffers = memory.allocate(0, 1 << 16);
    raw = RawPackedRing.of(ring);
  }

  @AfterEach
  void freeMemory() {
    memory.close();
  }

  private boolean isAvailable() {
    int lap = raw.flags(slot) & (RawPackedRing.AVAILABLE | RawPackedRing.USED);
    return lap == RawPackedRing.available(wrap);
  }

  private void step() {
    slot++;
    if (slot == RING) {
      slot = 0;
      wrap = !wrap;
    }
  }

  /** Takes a chain, gives it back at once with this length, and returns what it held. */
  private byte[] serve(int length) {
    assertTrue(isAvailable());
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    final int first = slot;
    final boolean firstWrap = wrap;
    int flags = raw.flags(slot);
    if ((flags & RawPackedRing.INDIRECT) != 0) {
      MemorySegment table = at(raw.address(slot), raw.length(slot));
      for (long entry = 0; entry < table.byteSize(); entry += 16) {
        assertEquals(0, table.get(ValueLayout.JAVA_SHORT, entry + 14), "flags in a table");
        content.writeBytes(
            at(table.get(ValueLayout.JAVA_LONG, entry), table.get(ValueLayout.JAVA_INT, entry + 8))
                .toArray(ValueLayout.JAVA_BYTE));
      }
    } else {
      content.writeBytes(content());
      while ((flags & RawPackedRing.NEXT) != 0) {
        step();
        flags = raw.flags(slot);
        content.writeBytes(content());
      }
    }
    int id = raw.id(slot);
    step();
    raw.descriptor(first, 0, length, id, RawPackedRing.used(firstWrap));
    return content.toByteArray();
  }

  private byte[] content() {
    return at(raw.address(slot), raw.length(slot)).toArray(ValueLayout.JAVA_BYTE);
  }

  private MemorySegment at(long address, int length) {
    return buffers.segment().asSlice(address - buffers.guestAddress(), length);
  }

  @ParameterizedTest
  @EnumSource(ChainShape.Kind.class)
  void deviceSeesEachFrameWhole(ChainShape.Kind kind) {
    TxQueue queue = new TxQueue(ring, buffers, new ChainShape(kind, 700), BUFFER, RING);
    for (int round = 0; round < 100; round++) {
      byte[] bytes = new byte[100 + 17 * round];
      bytes[bytes.length - 1] = (byte) round;
      assertTrue(queue.send(bytes));
      assertFalse(isAvailable(), "not shown yet");
      boolean _ = queue.publish();
      assertArrayEquals(bytes, serve(0));
    }
    assertEquals(0, queue.missing());
  }

  @Test
  void aBurstIsShownAtOnce() {
    TxQueue queue = new TxQueue(ring, buffers, ChainShape.SINGLE, BUFFER, RING);
    for (int round = 0; round < 20; round++) {
      for (int i = 0; i < 5; i++) {
        assertTrue(queue.send(new byte[100 + i]));
      }
      assertFalse(isAvailable());
      boolean _ = queue.publish();
      for (int i = 0; i < 5; i++) {
        assertEquals(100 + i, serve(0).length);
      }
      assertFalse(isAvailable());
    }
  }

  /** In several laps, with an event at each place of the ring. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 6, WRAP, 1 | WRAP, 6 | WRAP})
  void kicksWhenItPassesThePosition(int event) {
    TxQueue queue = new TxQueue(ring, buffers, ChainShape.SINGLE, BUFFER, RING);
    deviceEvent(event, RawPackedRing.AT_POSITION);
    for (int round = 0; round < 60; round++) {
      boolean here = event == (slot | (wrap ? WRAP : 0));
      assertTrue(queue.send(new byte[100]));
      assertEquals(here, queue.publish());
      serve(0);
    }
    deviceEvent(0, RawPackedRing.NEVER);
    assertTrue(queue.send(new byte[100]));
    assertFalse(queue.publish());
    deviceEvent(0, RawPackedRing.ALWAYS);
    assertTrue(queue.send(new byte[100]));
    assertTrue(queue.publish());
  }

  private void deviceEvent(int position, int flags) {
    long at = raw.deviceEventUserAddress() - raw.descriptorUserAddress();
    ring.area().segment().set(ValueLayout.JAVA_SHORT, at, (short) position);
    ring.area().segment().set(ValueLayout.JAVA_SHORT, at + 2, (short) flags);
  }

  @Test
  void asksToBeCalledAtTheNextThatComesBack() {
    RxQueue queue = new RxQueue(ring, buffers, ChainShape.SINGLE, BUFFER, true);
    boolean _ = queue.publish();
    FrameCheck check = new FrameCheck(FrameTemplate.raw(A, B, 64));
    for (int round = 0; round < 40; round++) {
      assertTrue(queue.ring().arm());
      long at = raw.driverEventUserAddress() - raw.descriptorUserAddress();
      MemorySegment area = ring.area().segment();
      int position = area.get(ValueLayout.JAVA_SHORT, at) & 0xffff;
      assertEquals(slot | (wrap ? WRAP : 0), position);
      assertEquals(RawPackedRing.AT_POSITION, area.get(ValueLayout.JAVA_SHORT, at + 2));
      serve(0);
      assertFalse(queue.ring().arm(), "there is work: don't sleep");
      assertEquals(0, queue.receive(check, 4));
      assertTrue(queue.hasHidden());
      boolean _ = queue.publish();
    }
    assertEquals(40, queue.empty());
  }

  @ParameterizedTest
  @ValueSource(ints = {3, RING, 0xffff})
  void anIdThatIsNotWithTheDeviceIsFound(int id) {
    TxQueue queue = new TxQueue(ring, buffers, ChainShape.SINGLE, BUFFER, RING);
    assertTrue(queue.send(new byte[100]));
    boolean _ = queue.publish();
    raw.descriptor(0, 0, 0, id, RawPackedRing.used(true));
    assertThrows(BrokenDeviceException.class, queue::reclaim);
  }
}
