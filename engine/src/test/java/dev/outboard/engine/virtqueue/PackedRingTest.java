package dev.outboard.engine.virtqueue;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.RawPackedRing;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The device's side of the packed layout, against a driver of the specification's own words. */
class PackedRingTest {
  private static final int WRAP = 1 << 15;
  private static final long EVENT_IDX = VirtioNet.EVENT_IDX;

  private record Offered(int slot, boolean wrap, int buffers, int id) {}

  /** Many laps, with chains that lie across the end of the ring. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 7, 64, 255, 1000, 32_768})
  void chainsComeInOrderAndGoBackWhereTheyBegin(int size) throws Exception {
    try (PackedMemory driver = new PackedMemory(size)) {
      PackedRing ring = driver.ring();
      DescriptorChain chain = new DescriptorChain();
      Random random = new Random(size);
      Deque<Offered> offered = new ArrayDeque<>();
      int longest = Math.min(size, 4);
      int free = size;
      int id = 0;
      for (int round = 0; round < Math.min(2000, 40_000_000 / size); round++) {
        while (free > 0 && random.nextInt(8) != 0) {
          int buffers = 1 + random.nextInt(Math.min(free, longest));
          offered.add(new Offered(driver.slot(), driver.wrap(), buffers, id));
          driver.offer(buffers, id);
          id = (id + 777) & 0xffff;
          free -= buffers;
        }
        int known = Math.min(ring.available(64), 64);
        assertEquals(Math.min(offered.size(), 64), known);
        int count = random.nextInt(known + 1);
        Deque<Offered> burst = new ArrayDeque<>();
        for (int i = 0; i < count; i++) {
          Offered next = offered.remove();
          burst.add(next);
          int head = ring.head(i);
          assertTrue(chain.read(ring, head, false));
          assertEquals(next.buffers, chain.count());
          assertEquals(PackedMemory.BUFFERS + 8L * next.slot, chain.offset(0));
          ring.complete(head, i % 2 == 0 ? 0 : 1000 + i);
        }
        ring.advance(count);
        assertEquals(count > 0, ring.publish());
        int at = 0;
        for (Offered back : burst) {
          int bytes = at % 2 == 0 ? 0 : 1000 + at;
          int write = bytes == 0 ? 0 : RawPackedRing.WRITE;
          assertEquals(RawPackedRing.used(back.wrap) | write, driver.raw.flags(back.slot));
          assertEquals(back.id, driver.raw.id(back.slot));
          assertEquals(bytes, driver.raw.length(back.slot));
          free += back.buffers;
          at++;
        }
      }
      assertNull(ring.broken());
    }
  }

  /**
   * So a process that is killed leaves what it has taken, and what is refused can be given back.
   */
  @Test
  void nothingIsWrittenBeforeItIsPublished() throws Exception {
    try (PackedMemory driver = new PackedMemory(8)) {
      PackedRing ring = driver.ring();
      driver.offer(2, 1);
      driver.offer(3, 2);
      byte[] before = driver.memory.segment(0).asSlice(0, 128).toArray(ValueLayout.JAVA_BYTE);
      assertEquals(2, ring.available(2));
      ring.complete(ring.head(0), 7);
      ring.complete(ring.head(1), 8);
      ring.advance(2);
      assertArrayEquals(
          before, driver.memory.segment(0).asSlice(0, 128).toArray(ValueLayout.JAVA_BYTE));
    }
  }

  @Test
  void positionGoesBackByDescriptors() throws Exception {
    try (PackedMemory driver = new PackedMemory(7)) {
      PackedRing ring = driver.ring();
      driver.offer(2, 1);
      driver.offer(3, 2);
      driver.offer(1, 3);
      assertEquals(3, ring.available(3));
      ring.advance(3);
      assertEquals(6 | WRAP, ring.position() & 0xffff);
      ring.advance(-2);
      assertEquals(2 | WRAP, ring.position() & 0xffff);
      assertEquals(2, ring.available(3));
      DescriptorChain chain = new DescriptorChain();
      assertTrue(chain.read(ring, ring.head(0), false));
      assertEquals(3, chain.count());
    }
  }

  @Test
  void afterAFailureWhatWasCompletedOfAFrameIsTakenBack() throws Exception {
    try (PackedMemory driver = new PackedMemory(7)) {
      PackedRing ring = driver.ring();
      driver.offer(2, 1);
      driver.offer(2, 2);
      assertEquals(2, ring.available(2));
      ring.complete(ring.head(0), 5);
      ring.advance(1);
      ring.complete(ring.head(0), 6);
      ring.resumeAt(ring.taken());
      assertTrue(ring.publish());
      assertTrue(driver.raw.isUsed(0, true));
      assertFalse(driver.raw.isUsed(2, true));
      assertEquals(1, ring.available(2));
      ring.complete(ring.head(0), 9);
      ring.advance(1);
      assertTrue(ring.publish());
      assertEquals(9, driver.raw.length(2));
    }
  }

  /** As QEMU keeps it: position and wrap counter of either side, 16 bits each. */
  @ParameterizedTest
  @ValueSource(ints = {1, 5, 8})
  void anotherRingGoesOnWhereOneHasStopped(int size) throws Exception {
    try (PackedMemory driver = new PackedMemory(size)) {
      PackedRing ring = driver.ring();
      assertEquals(0x8000_8000, ring.position());
      for (int i = 0; i < 4 * size + 3; i++) {
        driver.offer(1, i);
        assertEquals(1, ring.available(1), "chain " + i);
        ring.complete(ring.head(0), 0);
        ring.advance(1);
        assertTrue(ring.publish());
        int position = driver.slot() | (driver.wrap() ? WRAP : 0);
        assertEquals(position << 16 | position, ring.position());
        ring = driver.ring(ring.position(), EVENT_IDX);
        assertEquals(0, ring.available(1));
      }
    }
  }

  /** DPDK tells the lower half alone. */
  @Test
  void upperHalfOfTheBaseMeansNothing() throws Exception {
    try (PackedMemory driver = new PackedMemory(8)) {
      driver.offer(3, 0);
      completeAll(driver.ring());
      assertEquals(0x8003_8003, driver.ring(0x8003, 0).position());
      assertEquals(0x8003_8003, driver.ring(0x1234_8003, 0).position());
    }
  }

  @Test
  void baseOutsideTheRingIsRefused() throws Exception {
    try (PackedMemory driver = new PackedMemory(5)) {
      BadRingException refused =
          assertThrows(BadRingException.class, () -> driver.ring(5 | WRAP, 0));
      assertEquals("position 5 in a ring of 5", refused.getMessage());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 32_769})
  void impossibleSizesAreRefused(int size) throws Exception {
    try (PackedMemory driver = new PackedMemory(8)) {
      Virtqueue.Layout good = driver.layout(WRAP);
      Virtqueue.Layout layout =
          new Virtqueue.Layout(size, WRAP, good.descriptors(), good.avail(), good.used());
      BadRingException refused =
          assertThrows(
              BadRingException.class,
              () -> Virtqueue.open(layout, driver.memory, VirtioNet.RING_PACKED, null));
      assertTrue(refused.getMessage().contains("ring size"), refused.getMessage());
    }
  }

  @Test
  void areasOutsideMemoryOrAskewAreRefused() throws Exception {
    try (PackedMemory driver = new PackedMemory(8)) {
      Virtqueue.Layout good = driver.layout(WRAP);
      long end = PackedMemory.USER + (1 << 21);
      refused(driver, "descriptor table is outside", end - 127, good.avail(), good.used());
      refused(driver, "descriptor table is not aligned", good.descriptors() + 8, 0, 0);
      refused(driver, "driver's event area is outside", good.descriptors(), end - 2, good.used());
      refused(driver, "device's event area is outside", good.descriptors(), good.avail(), -4);
      refused(
          driver,
          "device's event area is not aligned",
          good.descriptors(),
          good.avail(),
          good.used() + 2);
    }
  }

  private static void refused(
      PackedMemory driver, String reason, long descriptors, long avail, long used) {
    Virtqueue.Layout layout = new Virtqueue.Layout(8, WRAP, descriptors, avail, used);
    BadRingException refused =
        assertThrows(
            BadRingException.class,
            () -> Virtqueue.open(layout, driver.memory, VirtioNet.RING_PACKED, null));
    assertTrue(refused.getMessage().contains(reason), refused.getMessage());
  }

  /** Each position at which a driver may want a call, for each burst, in two laps and more. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 4})
  void callsWhenThePositionComesBack(int size) throws Exception {
    for (int event = 0; event < 2 * size; event++) {
      try (PackedMemory driver = new PackedMemory(size)) {
        PackedRing ring = driver.ring();
        int eventSlot = event % size;
        boolean eventWrap = event < size;
        driver.raw.driverEvent(eventSlot | (eventWrap ? WRAP : 0), RawPackedRing.AT_POSITION);
        for (int i = 0; i < 6 * size; i++) {
          boolean here = driver.slot() == eventSlot && driver.wrap() == eventWrap;
          driver.offer(1, 0);
          completeAll(ring);
          assertEquals(here, ring.wantsCall(), "event " + event + ", chain " + i);
          assertFalse(ring.wantsCall(), "nothing new");
        }
      }
    }
  }

  private static void completeAll(PackedRing ring) {
    int count = ring.available(64);
    for (int i = 0; i < count; i++) {
      ring.complete(ring.head(i), 0);
    }
    ring.advance(count);
    assertTrue(ring.publish());
  }

  @Test
  void callsWhenAPositionWithinABurstComesBack() throws Exception {
    try (PackedMemory driver = new PackedMemory(8)) {
      PackedRing ring = driver.ring();
      driver.raw.driverEvent(4 | WRAP, RawPackedRing.AT_POSITION);
      driver.offer(3, 0);
      completeAll(ring);
      assertFalse(ring.wantsCall());
      driver.offer(1, 0);
      driver.offer(2, 1);
      completeAll(ring);
      assertTrue(ring.wantsCall());
    }
  }

  @Test
  void callsAlwaysOrNeverAsTheFlagsSay() throws Exception {
    try (PackedMemory driver = new PackedMemory(8)) {
      PackedRing ring = driver.ring();
      driver.raw.driverEvent(3, RawPackedRing.NEVER);
      driver.offer(1, 0);
      completeAll(ring);
      assertFalse(ring.wantsCall());
      driver.raw.driverEvent(3, RawPackedRing.ALWAYS);
      driver.offer(1, 0);
      completeAll(ring);
      assertTrue(ring.wantsCall());
    }
  }

  @Test
  void kickIsAskedForAtThePositionThatIsNext() throws Exception {
    try (PackedMemory driver = new PackedMemory(5)) {
      PackedRing ring = driver.ring();
      for (int i = 0; i < 12; i++) {
        assertFalse(ring.armKick());
        assertEquals(RawPackedRing.AT_POSITION, driver.raw.deviceEventFlags());
        int position = driver.slot() | (driver.wrap() ? WRAP : 0);
        assertEquals(position, driver.raw.deviceEventPosition());
        driver.offer(1, 0);
        assertTrue(ring.armKick(), "there is work: don't sleep");
        completeAll(ring);
        ring.disarmKick();
        assertEquals(RawPackedRing.NEVER, driver.raw.deviceEventFlags());
      }
    }
  }

  @Test
  void withoutEventIndexEachChainIsToKick() throws Exception {
    try (PackedMemory driver = new PackedMemory(5)) {
      PackedRing ring = driver.ring(PackedRing.BEGINNING, 0);
      ring.disarmKick();
      assertFalse(ring.armKick());
      assertEquals(RawPackedRing.ALWAYS, driver.raw.deviceEventFlags());
    }
  }

  @Test
  void chainWithoutEndBreaksTheRing() throws Exception {
    try (PackedMemory driver = new PackedMemory(5)) {
      PackedRing ring = driver.ring();
      for (int slot = 0; slot < 5; slot++) {
        driver.raw.descriptor(
            slot, PackedMemory.GUEST, 100, 0, RawPackedRing.available(true) | RawPackedRing.NEXT);
      }
      assertEquals(0, ring.available(1));
      assertNotNull(ring.broken());
      assertEquals(0, ring.available(1));
    }
  }

  /** A driver that makes available what it has not got back does not get two looks at it. */
  @Test
  void whatIsHeldIsNotTakenAgain() throws Exception {
    try (PackedMemory driver = new PackedMemory(4)) {
      PackedRing ring = driver.ring();
      for (int i = 0; i < 4; i++) {
        driver.offer(1, i);
      }
      assertEquals(4, ring.available(64));
      ring.advance(4);
      for (int i = 0; i < 4; i++) {
        driver.offer(1, i);
      }
      assertEquals(0, ring.available(64));
      assertFalse(ring.armKick());
      assertNull(ring.broken());
    }
  }

  @Test
  void chainThatRunsIntoWhatIsHeldBreaksTheRing() throws Exception {
    try (PackedMemory driver = new PackedMemory(4)) {
      PackedRing ring = driver.ring();
      driver.offer(2, 0);
      assertEquals(1, ring.available(1));
      ring.advance(1);
      driver.offer(3, 1);
      assertEquals(0, ring.available(1));
      assertNotNull(ring.broken());
    }
  }

  /** The look for the end of a chain counts, not what its flags say when it is read. */
  @Test
  void flagsThatAreRewrittenDoNotMoveTheChainsBehind() throws Exception {
    try (PackedMemory driver = new PackedMemory(8)) {
      PackedRing ring = driver.ring();
      driver.offer(2, 1);
      driver.offer(1, 2);
      assertEquals(2, ring.available(2));
      driver.raw.flags(0, 0);
      driver.raw.flags(1, RawPackedRing.NEXT);
      DescriptorChain chain = new DescriptorChain();
      assertTrue(chain.read(ring, ring.head(0), false));
      assertEquals(2, chain.count());
      assertTrue(chain.read(ring, ring.head(1), false));
      assertEquals(1, chain.count());
    }
  }

  @Test
  void tableHasAsManyBuffersAsEntries() throws Exception {
    try (PackedMemory driver = new PackedMemory(8)) {
      PackedRing ring = driver.ring();
      long table = PackedMemory.BUFFERS;
      for (int i = 0; i < 3; i++) {
        RawPackedRing.descriptor(
            driver.memory.segment(0), table + 16L * i, PackedMemory.GUEST + 4096L * i, 10, 99, 0);
      }
      int flags = RawPackedRing.available(true) | RawPackedRing.INDIRECT;
      driver.raw.descriptor(0, PackedMemory.GUEST + table, 48, 5, flags);
      assertEquals(1, ring.available(1));
      DescriptorChain chain = new DescriptorChain();
      assertTrue(chain.read(ring, ring.head(0), false));
      assertEquals(3, chain.count());
      assertEquals(8192, chain.offset(2));
      ring.complete(ring.head(0), 0);
      ring.advance(1);
      assertTrue(ring.publish());
      assertEquals(5, driver.raw.id(0));
    }
  }

  @Test
  void commandIsReadThenAnswered() throws Exception {
    try (PackedMemory driver = new PackedMemory(8)) {
      PackedRing ring = driver.ring();
      driver.offer(3, 1);
      driver.raw.flags(2, RawPackedRing.available(true) | RawPackedRing.WRITE);
      CommandQueue queue = new CommandQueue(ring);
      int[] bytes = {0};
      assertEquals(
          1,
          queue.serve(
              4,
              (command, length) -> {
                bytes[0] = length;
                return true;
              }));
      assertEquals(16, bytes[0]);
      assertTrue(driver.raw.isUsed(0, true));
      assertEquals(1, driver.raw.length(0));
    }
  }
}
