package dev.outboard.engine.worker;

import dev.outboard.engine.forwarding.DropReason;
import dev.outboard.engine.virtqueue.DescriptorChain;
import dev.outboard.engine.virtqueue.ReceiveQueue;
import dev.outboard.spi.FrameBurst;

/**
 * Frames to everybody or to a group: answered here, or given to all members of the sender's network
 * and tenant. One per worker, used by its thread.
 */
final class GroupFrames {
  private final FrameBurst burst;
  private final NeighbourAnswers neighbours;
  private final LockedReceivers receivers;
  private final OffloadWork work;
  private final DescriptorChain chain;

  GroupFrames(
      FrameBurst burst,
      NeighbourAnswers neighbours,
      LockedReceivers receivers,
      OffloadWork work,
      DescriptorChain chain) {
    this.burst = burst;
    this.neighbours = neighbours;
    this.receivers = receivers;
    this.work = work;
    this.chain = chain;
  }

  /** A frame to a group: a neighbour request that can be answered, or one for everybody. */
  void forward(GuestDevice guest, int i, long at, long now) {
    if (neighbours.answer(guest, at, burst.fragmentLength(burst.firstFragment(i)))) {
      guest.counters.answered();
    } else if (guest.floodLimit.take(now)) {
      flood(guest, i);
    } else {
      guest.counters.drop(DropReason.FLOOD_LIMIT, 1);
    }
  }

  /** One copy for each member, nobody waits; members with ports of their own get it by those. */
  private void flood(GuestDevice guest, int i) {
    long copies = 0;
    long lost = 0;
    if (guest.port != null) {
      if (floodByPort(guest, i)) {
        copies++;
      } else {
        lost++;
      }
    }
    for (int m = 0; m < guest.domain.count(); m++) {
      GuestDevice member = guest.domain.member(m);
      if (isElsewhere(guest, member)) {
        continue;
      }
      DeviceQueues queues = member.queues();
      if (queues.receiveCount() == 0) {
        continue;
      }
      ReceiveQueue queue = receivers.lock(member, queues.receive(0));
      if (queue != null && floodTo(guest, member, queue, i)) {
        copies++;
      } else {
        lost++;
      }
    }
    guest.counters.flooded(copies, lost);
  }

  private boolean floodByPort(GuestDevice guest, int i) {
    int longest = guest.largestPlainFrame;
    return switch (work.prepare(burst, i, guest.portOffloads, longest)) {
      case OffloadWork.READY -> guest.port.transmit(burst, i, 1) == 1;
      case OffloadWork.CUT -> counted(guest, work.transmit(guest.port, 0));
      default -> false;
    };
  }

  private boolean floodTo(GuestDevice guest, GuestDevice member, ReceiveQueue queue, int i) {
    int longest = guest.largestPlainFrame;
    switch (work.prepare(burst, i, queue.offloads(), longest)) {
      case OffloadWork.READY -> {
        if (queue.deliver(burst, i, chain) != ReceiveQueue.DELIVERED) {
          return false;
        }
        member.counters.received(1, burst.length(i));
        return true;
      }
      case OffloadWork.CUT -> {
        return counted(guest, work.deliver(queue, member.counters, 0));
      }
      default -> {
        return false;
      }
    }
  }

  private boolean counted(GuestDevice guest, int done) {
    return work.count(guest.counters, 0, done);
  }

  /** Gone, the sender itself, or one that gets it by its own port. */
  private static boolean isElsewhere(GuestDevice guest, GuestDevice member) {
    return member == null || member == guest || (guest.port != null && member.port != null);
  }
}
