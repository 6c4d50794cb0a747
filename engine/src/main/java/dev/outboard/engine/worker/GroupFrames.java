package dev.outboard.engine.worker;

import dev.outboard.engine.forwarding.BroadcastDomain;
import dev.outboard.engine.forwarding.DropReason;
import dev.outboard.engine.forwarding.FloodLimit;
import dev.outboard.engine.forwarding.Path;
import dev.outboard.engine.virtqueue.ReceiveQueue;
import dev.outboard.engine.virtqueue.Scratch;
import dev.outboard.packet.FlowHash;
import dev.outboard.spi.FrameBurst;

/**
 * Frames to everybody or to a group: answered here, or given to all members of the sender's network
 * and tenant, on this host and on others. One per worker, used by its thread.
 */
final class GroupFrames {
  private final CurrentBurst current;
  private final NeighbourAnswers neighbours;
  private final LockedReceivers receivers;
  private final Departure departure;
  private final Scratch scratch;
  private SharedUplink[] uplinks = new SharedUplink[0];

  GroupFrames(
      CurrentBurst current,
      NeighbourAnswers neighbours,
      LockedReceivers receivers,
      Departure departure,
      Scratch scratch) {
    this.current = current;
    this.neighbours = neighbours;
    this.receivers = receivers;
    this.departure = departure;
    this.scratch = scratch;
  }

  /** The worker's uplinks, by number; its array, which changes. */
  void setUplinks(SharedUplink[] byNumber) {
    uplinks = byNumber;
  }

  /** A guest's frame to a group: a neighbour request that can be answered, or one for everybody. */
  void forward(GuestDevice guest, int i, long at, long now) {
    FrameBurst burst = current.frames;
    if (neighbours.answer(guest, at, burst.fragmentLength(burst.firstFragment(i)))) {
      current.sender.answered();
    } else if (guest.floodLimit.take(now)) {
      flood(guest, i);
    } else {
      current.sender.drop(DropReason.FLOOD_LIMIT, 1);
    }
  }

  /**
   * A frame to a group that came in by an uplink.
   *
   * @param sender who sent it, or null if it came from a gateway
   */
  void arrived(
      SharedUplink from, BroadcastDomain<GuestDevice> domain, Station sender, int i, long now) {
    FloodLimit limit = sender instanceof RemoteStation remote ? remote.floodLimit : from.floodLimit;
    if (!limit.take(now)) {
      from.counters.drop(DropReason.FLOOD_LIMIT, 1);
      return;
    }
    long copies = 0;
    long lost = 0;
    for (int m = 0; m < domain.count(); m++) {
      GuestDevice member = domain.member(m);
      if (member != null && member.queues().receiveCount() > 0) {
        if (floodTo(member, i)) {
          copies++;
        } else {
          lost++;
        }
      }
    }
    from.counters.flooded(copies, lost);
  }

  /** One copy for each member, nobody waits; members with ports of their own get it by those. */
  private void flood(GuestDevice guest, int i) {
    long copies = 0;
    long lost = 0;
    int longest = guest.largestPlainFrame;
    Way way = guest.way();
    if (way.port() != null) {
      if (departure.sendCopy(way.port().egress, i, longest)) {
        copies++;
      } else {
        lost++;
      }
    }
    for (Path hop : guest.domain.hops(way.groups())) {
      if (floodTo(hop, i, longest)) {
        copies++;
      } else {
        lost++;
      }
    }
    for (int m = 0; m < guest.domain.count(); m++) {
      GuestDevice member = guest.domain.member(m);
      if (isElsewhere(guest, way, member) || member.queues().receiveCount() == 0) {
        continue;
      }
      if (floodTo(member, i)) {
        copies++;
      } else {
        lost++;
      }
    }
    current.sender.flooded(copies, lost);
  }

  private boolean floodTo(Path hop, int i, int longest) {
    SharedUplink uplink = hop.uplink() < uplinks.length ? uplinks[hop.uplink()] : null;
    if (uplink == null) {
      return false;
    }
    FrameBurst burst = current.frames;
    int first = burst.firstFragment(i);
    burst.setRoute(
        i,
        hop.nextHop(),
        FlowHash.of(burst.segment(first), burst.offset(first), burst.fragmentLength(first)));
    return departure.sendCopy(uplink.egress, i, longest);
  }

  private boolean floodTo(GuestDevice member, int i) {
    ReceiveSide side = member.queues().receive(0);
    ReceiveQueue queue = receivers.lock(member, side);
    if (queue == null) {
      return false;
    }
    FrameBurst burst = current.frames;
    switch (current.work.prepare(burst, i, queue.offloads(), member.largestPlainFrame)) {
      case OffloadWork.READY -> {
        if (queue.deliver(burst, i, scratch) != ReceiveQueue.DELIVERED) {
          return false;
        }
        member.counters[side.pair].received(1, burst.length(i));
        return true;
      }
      case OffloadWork.CUT -> {
        int done = current.work.deliver(queue, member.counters[side.pair], 0);
        return current.work.count(current.sender, 0, done);
      }
      default -> {
        return false;
      }
    }
  }

  /** Gone, the sender itself, or one that gets it by its own port. */
  private static boolean isElsewhere(GuestDevice guest, Way way, GuestDevice member) {
    return member == null
        || member == guest
        || (way.port() != null && member.portOn(way.port().uplink) != null);
  }
}
