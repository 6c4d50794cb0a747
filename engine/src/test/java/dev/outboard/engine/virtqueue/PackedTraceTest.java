package dev.outboard.engine.virtqueue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.RawPackedRing;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A packed ring tells how far its last device has come, whatever the VMM says. */
class PackedTraceTest {
  private static final int STALE = PackedRing.BEGINNING;

  private record Chain(int slot, int buffers, int id) {}

  /** At each moment between two bursts, in many laps, with chains of several descriptors. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 64, 255})
  void positionIsFoundBetweenBursts(int size) throws Exception {
    try (PackedMemory driver = new PackedMemory(size)) {
      PackedRing ring = driver.ring();
      Random random = new Random(size);
      int free = size;
      for (int round = 0; round < 2000; round++) {
        free -= offerSome(driver, random, free, Math.min(size, 4), new ArrayList<>());
        int count = random.nextInt(Math.min(ring.available(64), 64) + 1);
        for (int i = 0; i < count; i++) {
          free += ring.slots(ring.head(i));
          ring.complete(ring.head(i), 0);
        }
        ring.advance(count);
        boolean _ = ring.publish();
        assertEquals(ring.position(), driver.ring(STALE, 0).position(), "round " + round);
      }
    }
  }

  private static int offerSome(
      PackedMemory driver, Random random, int free, int longest, List<Chain> offered) {
    int taken = 0;
    while (taken < free && random.nextInt(8) != 0) {
      int buffers = 1 + random.nextInt(Math.min(free - taken, longest));
      int id = random.nextInt(1 << 16);
      offered.add(new Chain(driver.slot(), buffers, id));
      driver.offer(buffers, id);
      taken += buffers;
    }
    return taken;
  }

  /**
   * Killed between any two of the stores of a burst, the first of which comes last: all that were
   * marked go back empty, in order, and the others are there to be taken.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void aBurstThatWasBeingShownIsGivenBackEmpty(int longest) throws Exception {
    try (PackedMemory driver = new PackedMemory(100)) {
      Random random = new Random(longest);
      PackedRing ring = driver.ring();
      int interrupted = 0;
      for (int round = 0; round < 3000; round++) {
        List<Chain> offered = new ArrayList<>();
        int _ = offerSome(driver, random, 40, longest, offered);
        assertEquals(offered.size(), ring.available(64));
        MemorySegment before = copy(driver);
        completeAll(ring, offered.size(), 500);
        if (offered.isEmpty() || random.nextInt(3) != 0) {
          continue;
        }
        int shown = 1 + random.nextInt(offered.size());
        takeBack(driver, before, offered, shown, random.nextBoolean());
        interrupted += shown > 1 ? 1 : 0;
        ring = driver.ring(STALE, VirtioNet.EVENT_IDX);
        int done = shown > 1 || offered.getFirst().buffers > 1 ? shown : 0;
        for (Chain chain : offered.subList(0, done)) {
          assertEquals(0, driver.raw.length(chain.slot));
          assertEquals(chain.id, driver.raw.id(chain.slot));
        }
        List<Chain> left = offered.subList(done, offered.size());
        assertEquals(left.size(), ring.available(64));
        for (int i = 0; i < left.size(); i++) {
          assertEquals(left.get(i).slot, ring.firstSlot(ring.head(i)));
          assertEquals(left.get(i).buffers, ring.slots(ring.head(i)));
        }
        completeAll(ring, left.size(), 0);
      }
      assertTrue(interrupted > 100, interrupted + " bursts");
    }
  }

  private static void completeAll(PackedRing ring, int count, int bytes) {
    for (int i = 0; i < count; i++) {
      ring.complete(ring.head(i), bytes);
    }
    ring.advance(count);
    assertEquals(count > 0, ring.publish());
  }

  private static MemorySegment copy(PackedMemory driver) {
    return MemorySegment.ofArray(
        driver.memory.segment(0).asSlice(0, 1600).toArray(ValueLayout.JAVA_BYTE));
  }

  /**
   * The ring as it was when the heads of chains 1 to {@code shown - 1} were written, and perhaps
   * the rest of the next one.
   */
  private static void takeBack(
      PackedMemory driver,
      MemorySegment before,
      List<Chain> offered,
      int shown,
      boolean restOfNext) {
    for (int i = 0; i < offered.size(); i++) {
      Chain chain = offered.get(i);
      boolean head = i == 0 || i >= shown;
      boolean rest = i >= (restOfNext ? shown + 1 : shown);
      for (int k = head ? 0 : 1; k < (rest ? chain.buffers : 1); k++) {
        long at = 16L * ((chain.slot + k) % 100);
        MemorySegment.copy(before, at, driver.memory.segment(0), at, 16);
      }
    }
  }

  /** Another device's ring, which leaves other traces. */
  @Test
  void whereTheTraceIsNotOursTheVmmsWordCounts() throws Exception {
    try (PackedMemory driver = new PackedMemory(10)) {
      for (int slot = 0; slot < 10; slot++) {
        boolean odd = slot % 2 == 1;
        driver.raw.descriptor(
            slot, PackedMemory.GUEST, 8, slot, odd ? RawPackedRing.used(true) : 0);
      }
      assertEquals(0x8007_8007, driver.ring(0x8007, 0).position());
      assertEquals(0x0003_0003, driver.ring(0x0003, 0).position());
    }
  }
}
