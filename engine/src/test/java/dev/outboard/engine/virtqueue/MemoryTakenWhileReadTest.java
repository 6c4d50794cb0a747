package dev.outboard.engine.virtqueue;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.engine.memory.GuestMemory;
import dev.outboard.engine.memory.GuestRegions;
import dev.outboard.linux.MemoryFile;
import dev.outboard.spi.RegionTable;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A VMM takes memory away that compiled code reads at that moment: what was read is nonsense then,
 * but no place outside the guest's memory is computed from it, and an error comes. If it were
 * otherwise, this process would end. See {@link GuestWords}.
 */
class MemoryTakenWhileReadTest {
  private static final int SIZE = 256;
  private static final long PAGE = 4096;
  private static final long BYTES = 1 << 30;
  private static final long GUEST = 0x10_0000;
  private static final long USER = 0x7000_0000_0000L;

  /** What lies in the file's last pages, which are taken away. */
  private enum Last {
    AVAIL_RING,
    DESCRIPTORS
  }

  @ParameterizedTest
  @EnumSource
  void whatIsReadOfItStaysInRange(Last last) throws Exception {
    List<GuestMemory> mapped = new ArrayList<>();
    try {
      // Mapped one below the other: what registers keep are addresses, and half of these are
      // negative in their lower halves.
      for (int round = 0; round < 6; round++) {
        int file = MemoryFile.create("taken", BYTES);
        MemoryFile.forbidSeals(file);
        GuestMemory.Line line = new GuestMemory.Line(GUEST, BYTES, USER, 0, file);
        GuestMemory memory =
            GuestMemory.map(List.of(line), new GuestRegions(new RegionTable()), true);
        mapped.add(memory);
        takeWhileRead(last, memory, file);
      }
    } finally {
      mapped.forEach(GuestMemory::close);
    }
  }

  private static void takeWhileRead(Last last, GuestMemory memory, int file) throws Exception {
    long end = BYTES - PAGE;
    long avail = last == Last.AVAIL_RING ? end : 0;
    long descriptors = last == Last.AVAIL_RING ? 0 : end;
    MemorySegment bytes = memory.segment(0);
    for (int i = 0; i < SIZE; i++) {
      bytes.set(ValueLayout.JAVA_SHORT, avail + 4 + 2L * i, (short) i);
      bytes.set(ValueLayout.JAVA_LONG, descriptors + 16L * i, GUEST + 2 * PAGE);
      bytes.set(ValueLayout.JAVA_LONG, descriptors + 16L * i + 8, 64);
    }
    bytes.set(ValueLayout.JAVA_SHORT, avail + 2, (short) SIZE);
    Virtqueue.Layout layout =
        new Virtqueue.Layout(SIZE, 0, USER + descriptors, USER + avail, USER + 4 * PAGE);
    assertTrue(read(new SplitRing(layout, memory, VirtioNet.VERSION_1), 20_000) > 0);
    Virtqueue ring = new SplitRing(layout, memory, VirtioNet.VERSION_1);
    int _ = ring.available(64);
    MemoryFile.resize(file, end);
    for (int i = 0; i < 100; i++) {
      assertThrows(InternalError.class, () -> read(ring, 1_000));
    }
  }

  /** As queues do; gives something that depends on all of it. */
  private static long read(Virtqueue ring, int times) {
    PrivateDescriptors firsts = new PrivateDescriptors(64);
    DescriptorChain chain = new DescriptorChain();
    long sum = 0;
    for (int i = 0; i < times; i++) {
      sum += ring.available(64);
      int chains = firsts.read(ring, 64);
      sum += firsts.locate(ring.memory, 0, 0, 1, 1 << 16);
      for (int k = 0; k < chains; k++) {
        sum += chain.read(ring, firsts.heads()[k], false) ? chain.total() : 0;
      }
    }
    return sum;
  }
}
