package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.FrameCheck;
import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.GuestMemory;
import dev.outboard.guest.RawRing;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.VirtioNetDriver;
import dev.outboard.guest.vhost.MemoryRegion;
import dev.outboard.linux.EventFd;
import java.lang.foreign.ValueLayout;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A guest that lies in its rings: a bad chain costs it that chain, a bad ring its session; the
 * guests beside it lose nothing.
 */
class HostileRingTest {
  private static final int NEXT = 1;
  private static final int WRITE = 2;
  private static final int INDIRECT = 4;
  private static final int FRAME = 100;
  private static final int END = 8192;

  /** Puts one chain (or worse) into the ring; {@code good} is memory of the guest. */
  private interface Lie {
    void tell(RawRing ring, GuestMemory.Area good);
  }

  private static Lie one(long offset, int length, int flags, int next) {
    return (ring, good) -> {
      ring.descriptor(0, good.guestAddress() + offset, length, flags, next);
      ring.head(0, 0);
      ring.availableIndex(1);
    };
  }

  private static Lie absolute(long address, int length) {
    return (ring, good) -> {
      ring.descriptor(0, address, length, 0, 0);
      ring.head(0, 0);
      ring.availableIndex(1);
    };
  }

  /** One indirect table of so many entries at the start of the good memory. */
  private static Lie indirect(int tableBytes, int entryFlags, int flags) {
    return (ring, good) -> {
      for (int i = 0; i < 16; i++) {
        RawRing.descriptor(
            good.segment(), 16L * i, good.guestAddress() + 4096, FRAME, entryFlags, i + 1);
      }
      ring.descriptor(0, good.guestAddress(), tableBytes, INDIRECT | flags, 1);
      ring.head(0, 0);
      ring.availableIndex(1);
    };
  }

  static Stream<Arguments> badChains() {
    return Stream.of(
        Arguments.of("an address outside every region", absolute(0x7fff_0000_0000L, FRAME)),
        Arguments.of("an address of all ones", absolute(-1, FRAME)),
        Arguments.of("a length that leaves the region", one(0, Integer.MAX_VALUE, 0, 0)),
        Arguments.of("a length of 4 GiB less one", one(0, -1, 0, 0)),
        Arguments.of("a length of zero", one(0, 0, 0, 0)),
        Arguments.of("a buffer to write where one to read is due", one(0, FRAME, WRITE, 0)),
        Arguments.of("a next descriptor out of range", one(0, FRAME, NEXT, 60_000)),
        Arguments.of("a chain that goes in a circle", one(0, FRAME, NEXT, 0)),
        Arguments.of("an indirect table of no bytes", indirect(0, 0, 0)),
        Arguments.of("an indirect table that is cut", indirect(24, 0, 0)),
        Arguments.of("an indirect table of 1 GiB", indirect(1 << 30, 0, 0)),
        Arguments.of("a table in a table", indirect(16, INDIRECT, 0)),
        Arguments.of("a table that goes on", indirect(16, 0, NEXT)),
        Arguments.of("a table whose last entry goes on", indirect(64, NEXT, 0)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badChains")
  void aBadChainIsCompletedWithLengthZeroAndCounted(String what, Lie lie) throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest victim = host.start(2);
      VhostUserGuest other = host.start(3);
      VhostUserGuest attacker = host.start(1);
      RawRing ring = RawRing.of(attacker.driver().ring(VirtioNetDriver.TX));
      lie.tell(ring, end(attacker));
      EventFd.signal(attacker.kickFd(VirtioNetDriver.TX));
      TestHost.await(() -> host.drops(1).getOrDefault("bad-chain", 0L) == 1);
      TestHost.await(() -> ring.usedIndex() == 1);
      assertEquals(0, ring.usedId(0));
      assertEquals(0, ring.usedLength(0));
      assertEquals(GuestStatus.State.RUNNING, host.status("g1").state());
      assertOthersGoOn(victim, other);
    }
  }

  static Stream<Arguments> badRings() {
    return Stream.of(
        Arguments.of(
            "an available index ahead by more than the ring",
            (Lie) (ring, good) -> ring.availableIndex(ring.size() + 1),
            "the available index is ahead"),
        Arguments.of(
            "an available index that goes back",
            (Lie) (ring, good) -> ring.availableIndex(-1),
            "the available index is ahead"),
        Arguments.of(
            "a head out of range",
            (Lie)
                (ring, good) -> {
                  ring.head(0, ring.size());
                  ring.availableIndex(1);
                },
            "in a ring of"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badRings")
  void aBadRingEndsTheSessionWithTheReason(String what, Lie lie, String reason) throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest victim = host.start(2);
      VhostUserGuest other = host.start(3);
      VhostUserGuest attacker = host.start(1);
      RawRing ring = RawRing.of(attacker.driver().ring(VirtioNetDriver.TX));
      lie.tell(ring, end(attacker));
      EventFd.signal(attacker.kickFd(VirtioNetDriver.TX));
      TestHost.await(() -> host.status("g1").state() == GuestStatus.State.WAITING);
      assertTrue(host.status("g1").note().contains(reason), host.status("g1").note());
      assertOthersGoOn(victim, other);
    }
  }

  static Stream<Arguments> badFrames() {
    return Stream.of(
        Arguments.of("no frame behind the header", 12, 0, 0, 0, 0),
        Arguments.of("a frame of 13 bytes", 25, 0, 0, 0, 0),
        Arguments.of("a plain frame beyond the MTU", 12 + 1519, 0, 0, 0, 0),
        Arguments.of("a checksum beyond the end", 112, 1, 0, 99, 0),
        Arguments.of("a checksum in the Ethernet header", 112, 1, 0, 2, 0),
        Arguments.of("segments of no bytes", 112, 1, 1, 34, 0),
        Arguments.of("a kind of segmentation nobody knows", 112, 1, 9, 34, 1000),
        Arguments.of("segmentation without a checksum", 112, 0, 1, 34, 1000),
        Arguments.of("segmentation of what is not TCP", 112, 1, 1, 34, 1000));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badFrames")
  void aFrameWithAnImpossibleSizeOrOffloadIsDropped(
      String what, int length, int flags, int kind, int start, int segment) throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest victim = host.start(2);
      VhostUserGuest other = host.start(3);
      VhostUserGuest attacker = host.start(1);
      RawRing ring = RawRing.of(attacker.driver().ring(VirtioNetDriver.TX));
      GuestMemory.Area area = end(attacker);
      area.segment().set(ValueLayout.JAVA_BYTE, 0, (byte) flags);
      area.segment().set(ValueLayout.JAVA_BYTE, 1, (byte) kind);
      area.segment().set(ValueLayout.JAVA_SHORT_UNALIGNED, 4, (short) segment);
      area.segment().set(ValueLayout.JAVA_SHORT_UNALIGNED, 6, (short) start);
      area.segment().set(ValueLayout.JAVA_SHORT_UNALIGNED, 8, (short) 16);
      area.segment().set(ValueLayout.JAVA_LONG_UNALIGNED, 18, 0x0800_0100_0000_5452L);
      area.segment().set(ValueLayout.JAVA_BYTE, 23, (byte) 1);
      ring.descriptor(0, area.guestAddress(), length, 0, 0);
      ring.head(0, 0);
      ring.availableIndex(1);
      EventFd.signal(attacker.kickFd(VirtioNetDriver.TX));
      TestHost.await(() -> host.counters(1).sentFrames() == 1);
      long dropped = host.drops(1).values().stream().mapToLong(Long::longValue).sum();
      assertEquals(1, dropped, host.drops(1).toString());
      assertOthersGoOn(victim, other);
    }
  }

  /** The last bytes of the guest's memory, where there are buffers it does not need here. */
  private static GuestMemory.Area end(VhostUserGuest guest) {
    GuestMemory memory = guest.driver().memory();
    MemoryRegion region = memory.regions().get(0);
    long at = region.size() - END;
    return new GuestMemory.Area(
        memory.mapping(0).asSlice(at, END), region.guestAddress() + at, region.userAddress() + at);
  }

  private static void assertOthersGoOn(VhostUserGuest from, VhostUserGuest to) {
    FrameTemplate template =
        FrameTemplate.raw(TestHost.endpoint(2), TestHost.endpoint(3), 200).withContent();
    FrameCheck check = new FrameCheck(template);
    TestHost.stream(from, to, template, check, 500, 64);
    assertEquals(500, check.frames());
    assertEquals(0, check.lost() + check.late() + check.corrupt());
  }
}
