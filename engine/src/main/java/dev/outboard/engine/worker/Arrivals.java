package dev.outboard.engine.worker;

import dev.outboard.engine.forwarding.BroadcastDomain;
import dev.outboard.engine.forwarding.DropReason;
import dev.outboard.engine.virtqueue.VirtioNet;
import dev.outboard.packet.Ethernet;
import dev.outboard.spi.FrameBurst;
import java.lang.foreign.MemorySegment;

/**
 * Gives guests what comes in by shared uplinks. One per worker, used by its thread.
 *
 * <p>Theory of operation. A peer is as hostile as a guest. Its transport has made sure that a frame
 * comes from a configured peer, in one of that peer's networks. Here its offload fields, which a
 * guest may get to see, must make sense, and its source must be a station that is known to be at
 * that very peer, with addresses of its own. A source that nobody knows is taken from a gateway
 * only, and one that is a guest of this host from nobody. The frame lies in memory that the kernel
 * has written and nobody else can, so it is examined where it lies.
 *
 * <p>What a guest has no room for stays where it is and comes first in the next loop, as with
 * frames from guests.
 */
final class Arrivals {
  private final Directory directory;
  private final CurrentBurst current;
  private final Delivery delivery;
  private final GroupFrames groups;
  private final LockedReceivers receivers;

  /** Whose frames they are, while they are being delivered. */
  private SharedUplink uplink;

  /** Whom the last frame was for. */
  private GuestDevice target;

  Arrivals(
      Directory directory,
      CurrentBurst current,
      Delivery delivery,
      GroupFrames groups,
      LockedReceivers receivers) {
    this.directory = directory;
    this.current = current;
    this.delivery = delivery;
    this.groups = groups;
    this.receivers = receivers;
  }

  /** Deals with a burst of an uplink; returns whether there was anything. */
  boolean receive(SharedUplink from, long now) {
    if (!from.fill()) {
      return false;
    }
    uplink = from;
    FrameBurst frames = from.frames();
    int start = from.position;
    current.begin(frames, start, from.counters, from.head, false);
    long bytes = 0;
    while (from.position < frames.count() && forward(from.position, now)) {
      bytes += frames.length(from.position);
      current.frame = ++from.position;
    }
    current.end(from.position);
    from.counters.sent(from.position - start, bytes);
    uplink = null;
    receivers.publish(null, null);
    return true;
  }

  /** False: the frame must wait. */
  private boolean forward(int i, long now) {
    FrameBurst frames = current.frames;
    int first = frames.firstFragment(i);
    MemorySegment memory = frames.segment(first);
    long at = frames.offset(first);
    int length = frames.fragmentLength(first);
    if (length < Ethernet.HEADER || !areFieldsSound(frames, i)) {
      return drop(DropReason.BAD_FRAME);
    }
    int network = frames.network(i);
    Station sender = directory.byMac(network, Ethernet.sourceAndType(memory, at) >>> 16);
    DropReason bad = examine(sender, i, memory, at, length);
    if (bad != null) {
      return drop(bad);
    }
    BroadcastDomain<GuestDevice> domain =
        sender == null ? directory.gateway(network).domain() : sender.domain();
    long address = Ethernet.destination(memory, at);
    if (Ethernet.isGroup(address)) {
      groups.arrived(uplink, domain, sender, i, now);
      return true;
    }
    if (!(directory.byMac(network, address) instanceof GuestDevice guest)) {
      return drop(DropReason.UNKNOWN_DESTINATION);
    }
    if (guest.domain != domain) {
      return drop(DropReason.OTHER_TENANT);
    }
    if (isTooBig(frames, i, guest)) {
      return drop(DropReason.TOO_BIG);
    }
    target = guest;
    return delivery.deliver(guest, i);
  }

  /** Nearly all need nothing. */
  private static boolean areFieldsSound(FrameBurst frames, int i) {
    long fields = frames.offload(i);
    int checksumOffset = frames.checksumOffset(i);
    return (fields | checksumOffset) == 0
        || VirtioNet.areSound(fields, checksumOffset, frames.length(i));
  }

  /** Why a frame is not from whom it says, or null. */
  private DropReason examine(Station sender, int i, MemorySegment memory, long at, int length) {
    FrameBurst frames = current.frames;
    int hop = frames.nextHop(i);
    return switch (sender) {
      case RemoteStation remote ->
          remote.isAt(uplink.number, hop)
              ? remote.sourceCheck.examine(memory, at, length, frames.segmentation(i))
              : DropReason.FORGED_SOURCE;
      case GuestDevice guest -> DropReason.FORGED_SOURCE;
      case null -> {
        Gateway gateway = directory.gateway(frames.network(i));
        boolean known = gateway != null && gateway.accepts(uplink.number, hop);
        long source = Ethernet.sourceAndType(memory, at) >>> 16;
        yield known && !Ethernet.isGroup(source) ? null : DropReason.UNKNOWN_SOURCE;
      }
    };
  }

  private static boolean isTooBig(FrameBurst frames, int i, GuestDevice guest) {
    int longest =
        frames.segmentation(i) == FrameBurst.GSO_NONE
            ? frames.length(i)
            : frames.headerLength(i) + frames.segmentSize(i);
    return longest > guest.largestPlainFrame;
  }

  private boolean drop(DropReason reason) {
    current.drop(reason);
    return true;
  }

  /** Whether frames of an uplink were being delivered when something failed. */
  boolean isUnderWay() {
    return uplink != null;
  }

  /** Whom the last frame was for, or null. */
  GuestDevice target() {
    return target;
  }

  /** The guest is not to be remembered any more. */
  void forget(GuestDevice guest) {
    if (target == guest) {
      target = null;
    }
  }

  /**
   * After a failure: goes on behind the frame that was being dealt with.
   *
   * @param delivered 1 if its receiver has it, else 0
   */
  void recover(int delivered) {
    if (current.recover(delivered) == 0) {
      current.drop(DropReason.DESTINATION_DOWN);
    }
    uplink.counters.sent(1, 0);
    uplink.position++;
    current.end(uplink.position);
    uplink = null;
    target = null;
  }
}
