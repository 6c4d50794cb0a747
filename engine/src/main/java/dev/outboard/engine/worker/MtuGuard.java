package dev.outboard.engine.worker;

import dev.outboard.packet.MssClamp;
import dev.outboard.packet.PacketTooBig;
import dev.outboard.spi.FrameBurst;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Keeps frames larger than their network's MTU out of it. A driver can't always be told the MTU
 * (where the VMM serves the configuration space, it is the VMM's business); one that sends more is
 * told so as a router would tell it, and its TCP is kept from trying. One per worker, used by its
 * thread.
 */
final class MtuGuard {
  private static final int ETHERNET_HEADER = 14;
  private static final int DATA_OFFSET = 12;

  private final Replies replies;
  private final MssClamp clamp = new MssClamp();

  MtuGuard(Replies replies) {
    this.replies = replies;
  }

  /**
   * Whether a frame that is longer than a plain one may be is too long for the network: a
   * super-frame is not, if its segments will fit.
   *
   * @param at where it starts in private memory
   */
  boolean isTooBig(GuestDevice guest, FrameBurst burst, int i, MemorySegment memory, long at) {
    if (burst.segmentation(i) == FrameBurst.GSO_NONE) {
      return true;
    }
    int transport = burst.checksumStart(i);
    int available = burst.fragmentLength(burst.firstFragment(i));
    if (transport + DATA_OFFSET >= available) {
      return true;
    }
    int words = memory.get(ValueLayout.JAVA_BYTE, at + transport + DATA_OFFSET);
    int headers = transport - ETHERNET_HEADER + ((words >>> 4) & 15) * 4;
    return headers + burst.segmentSize(i) > guest.identity.mtu();
  }

  /** Tells the guest that a frame of its was too big, as often as it may be told. */
  void tell(GuestDevice guest, MemorySegment memory, long at, int available, long now) {
    int bytes =
        PacketTooBig.write(
            memory, at, available, replies.memory(), replies.start(), guest.identity.mtu());
    if (bytes > 0 && guest.errorLimit.take(now)) {
      replies.send(guest, bytes);
    }
  }

  /** Lowers what a TCP connection's first frame announces. */
  void clamp(GuestDevice guest, FrameBurst burst, int i, MemorySegment memory, long at) {
    int available = burst.fragmentLength(burst.firstFragment(i));
    clamp.clamp(memory, at, available, guest.identity.mtu(), burst.needsChecksum(i));
  }
}
