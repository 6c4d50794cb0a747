package dev.outboard.engine;

import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.RawRing;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.VirtioNetDriver;
import dev.outboard.linux.EventFd;
import java.lang.foreign.MemorySegment;

/** {@link RingFuzz} with split rings. */
final class SplitRingFuzz extends RingFuzz {
  SplitRingFuzz(TestHost host, int peer) throws Exception {
    super(host, peer, GuestOptions.DEFAULT);
  }

  @Override
  void fuzz(FuzzInput in, VhostUserGuest guest, long address, MemorySegment space) {
    int number = in.oneIn(4) ? VirtioNetDriver.RX : VirtioNetDriver.TX;
    int direction = number == VirtioNetDriver.RX ? 2 : 0;
    RawRing ring = RawRing.of(guest.driver().ring(number));
    int next = ring.availableIndex();
    int count = 1 + in.below(16);
    for (int i = 0; i < count; i++) {
      int head = in.below(ring.size());
      descriptor(in, ring, head, address, space, direction);
      ring.head(next + i, in.oneIn(64) ? (int) in.edge() : head);
    }
    ring.usedEvent((int) in.edge());
    ring.availableFlags(in.below(2));
    int published = in.oneIn(64) ? (int) in.edge() : next + count;
    ring.availableIndex(published);
    long _ = EventFd.signal(guest.kickFd(number));
    boolean _ = awaitWork(() -> ring.usedIndex() == (published & 0xffff));
  }

  private void descriptor(
      FuzzInput in, RawRing ring, int index, long address, MemorySegment space, int direction) {
    boolean indirect = in.oneIn(5);
    long right =
        indirect
            ? address + 16L * in.below(16)
            : address + TABLE_BYTES + (long) BUFFER * in.below(BUFFERS);
    long length = indirect ? 16L * in.below(12) : in.oneOf(128, 600, 12, 1530, 4096);
    int flags = indirect ? 4 : direction | (in.oneIn(5) ? 1 : 0);
    ring.descriptor(
        index,
        in.oneIn(24) ? right + in.edge() : right,
        (int) (in.oneIn(24) ? in.edge() : length),
        in.oneIn(24) ? in.octet() : flags,
        in.oneIn(24) ? (int) in.edge() : in.below(ring.size()));
    RawRing.descriptor(
        space,
        16L * in.below(16),
        address + TABLE_BYTES + (long) BUFFER * in.below(BUFFERS),
        in.oneIn(24) ? (int) in.edge() : 300,
        in.oneIn(12) ? in.octet() : direction | (in.oneIn(3) ? 1 : 0),
        in.below(16));
  }
}
