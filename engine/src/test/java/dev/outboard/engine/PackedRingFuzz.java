package dev.outboard.engine;

import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.RawPackedRing;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.VirtioNetDriver;
import dev.outboard.linux.EventFd;
import java.lang.foreign.MemorySegment;

/** {@link RingFuzz} with packed rings. */
final class PackedRingFuzz extends RingFuzz {
  private static final int NEXT = RawPackedRing.NEXT;
  private static final int LAP = RawPackedRing.AVAILABLE | RawPackedRing.USED;

  /** Where the engine is in the transmit ring, and how many descriptors it has not given back. */
  private int slot;

  private boolean wrap = true;

  PackedRingFuzz(TestHost host, int peer) throws Exception {
    super(host, peer, GuestOptions.PACKED);
  }

  @Override
  void restarted() {
    slot = 0;
    wrap = true;
  }

  @Override
  void fuzz(FuzzInput in, VhostUserGuest guest, long address, MemorySegment space)
      throws Exception {
    table(in, address, space);
    if (in.oneIn(4)) {
      receive(in, RawPackedRing.of(guest.driver().ring(VirtioNetDriver.RX)), address);
      long _ = EventFd.signal(guest.kickFd(VirtioNetDriver.RX));
      return;
    }
    RawPackedRing ring = RawPackedRing.of(guest.driver().ring(VirtioNetDriver.TX));
    if (!transmit(in, ring, guest.kickFd(VirtioNetDriver.TX), address)) {
      // Nobody knows any more which descriptor it looks at.
      restart();
    }
  }

  /** Some buffers of the receive ring; what lap they are of stays, mostly. */
  private static void receive(FuzzInput in, RawPackedRing ring, long address) {
    for (int i = 1 + in.below(16); i > 0; i--) {
      int at = in.below(RING);
      int lap = in.oneIn(32) ? in.octet() << 8 | in.octet() : ring.flags(at) & LAP;
      descriptor(in, ring, at, address, RawPackedRing.WRITE | lap);
    }
    ring.driverEvent((int) in.edge(), in.below(4));
  }

  /** Chains from the next place on; whether the last of them came back. */
  private boolean transmit(FuzzInput in, RawPackedRing ring, int kick, long address) {
    int first = slot;
    boolean firstWrap = wrap;
    int count = 1 + in.below(16);
    int last = first;
    boolean lastWrap = wrap;
    boolean begins = true;
    for (int i = 0; i < count; i++) {
      if (begins) {
        last = slot;
        lastWrap = wrap;
      }
      boolean more = in.oneIn(i == count - 1 ? 64 : 5);
      int flags = RawPackedRing.available(wrap) | (more ? NEXT : 0);
      if (i == 0) {
        // Not before all others are there.
        flags = RawPackedRing.used(!wrap) | (flags & NEXT);
      }
      descriptor(in, ring, slot, address, flags);
      begins = !more;
      slot++;
      if (slot == RING) {
        slot = 0;
        wrap = !wrap;
      }
    }
    ring.driverEvent((int) in.edge(), in.below(4));
    int lap = in.oneIn(64) ? in.octet() << 8 : RawPackedRing.available(firstWrap);
    ring.flags(first, (ring.flags(first) & ~LAP) | lap);
    long _ = EventFd.signal(kick);
    int at = last;
    boolean atWrap = lastWrap;
    return awaitWork(() -> ring.isUsed(at, atWrap));
  }

  private static void descriptor(
      FuzzInput in, RawPackedRing ring, int at, long address, int lapAndFlags) {
    boolean indirect = in.oneIn(5);
    long right =
        indirect
            ? address + 16L * in.below(16)
            : address + TABLE_BYTES + (long) BUFFER * in.below(BUFFERS);
    long length = indirect ? 16L * in.below(12) : in.oneOf(128, 600, 12, 1530, 4096);
    int flags = indirect ? lapAndFlags | RawPackedRing.INDIRECT : lapAndFlags;
    ring.descriptor(
        at,
        in.oneIn(24) ? right + in.edge() : right,
        (int) (in.oneIn(24) ? in.edge() : length),
        (int) in.edge(),
        in.oneIn(24) ? flags ^ (in.octet() & ~(NEXT | LAP)) : flags);
  }

  private static void table(FuzzInput in, long address, MemorySegment space) {
    for (int i = 0; i < 4; i++) {
      RawPackedRing.descriptor(
          space,
          16L * in.below(16),
          address + TABLE_BYTES + (long) BUFFER * in.below(BUFFERS),
          in.oneIn(24) ? (int) in.edge() : 300,
          in.octet(),
          in.oneIn(12) ? in.octet() : 0);
    }
  }
}
