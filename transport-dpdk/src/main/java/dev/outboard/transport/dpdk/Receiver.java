package dev.outboard.transport.dpdk;

import dev.outboard.spi.FrameBurst;
import dev.outboard.transport.dpdk.ffi.FastPath;
import dev.outboard.transport.dpdk.ffi.Packets;
import dev.outboard.transport.dpdk.ffi.Pool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The receiving half of a worker's port. Its worker's; hot.
 *
 * <p>Theory of operation. The device is always asked for a whole burst, as some drivers give none
 * if they are asked for less; what the caller has no room for waits here. Frames stay in the
 * device's packets, where nobody else writes, until they are released.
 */
final class Receiver {
  private static final int BURST = 32;

  /** The most packets that are not given back at a time. */
  private static final int MOST_USED = 512;

  private final Wire wire;
  private final Drops drops;
  private final FastPath path;
  private final Pool pool;
  private final QueueShare share;
  private final QueueShare.Member member;
  private final int region;

  private final MemorySegment memory = Packets.memory();

  /** Packets that have come, from {@link #next} to {@link #count}. */
  private final MemorySegment packets =
      Arena.ofAuto().allocate((long) BURST * Long.BYTES, Long.BYTES);

  private final long packetsAddress = packets.address();
  private int next;
  private int count;

  /** Packets that are to be given back at the next release. */
  private final MemorySegment used =
      Arena.ofAuto().allocate((long) (MOST_USED + BURST) * Long.BYTES, Long.BYTES);

  private final long usedAddress = used.address();
  private int usedCount;

  /** The queues that are this port's now, and which of them is asked next. */
  private final int[] queues;

  private int queueCount;
  private int turn;
  private Object version;
  private boolean waitsForQueues;

  Receiver(
      Wire wire,
      Drops drops,
      FastPath path,
      Pool pool,
      QueueShare share,
      QueueShare.Member member,
      int region) {
    this.wire = wire;
    this.drops = drops;
    this.path = path;
    this.pool = pool;
    this.share = share;
    this.member = member;
    this.region = region;
    queues = new int[share.queues()];
  }

  /** As {@link dev.outboard.spi.SharedPort#receive}. */
  int receive(FrameBurst into, int limit) {
    int frames = 0;
    // Frames that are dropped must not keep it here for ever.
    int bursts = 2 + limit / BURST;
    while (frames < limit && into.fragmentRoom() > 0 && usedCount < MOST_USED - 1) {
      if (next == count && (bursts-- == 0 || !burst())) {
        break;
      }
      long packet = packets.getAtIndex(ValueLayout.JAVA_LONG, next++);
      if (take(packet, into, frames)) {
        frames++;
      }
    }
    if (frames == 0) {
      release();
    }
    return frames;
  }

  /** Whether there are packets: those that wait, or new ones. */
  boolean hasPackets() {
    return next < count || burst();
  }

  /** Whether some of this port's queues are still polled by another one. */
  boolean waitsForQueues() {
    return waitsForQueues;
  }

  /** Asks the queues in turn until one has packets. */
  private boolean burst() {
    if (version != share.version() || waitsForQueues) {
      takeShare();
    }
    next = 0;
    count = 0;
    for (int asked = 0; asked < queueCount && count == 0; asked++) {
      turn = turn + 1 < queueCount ? turn + 1 : 0;
      count = path.receive(queues[turn], packetsAddress, BURST);
    }
    return count > 0;
  }

  private void takeShare() {
    version = share.version();
    int mine = share.share(member, queues);
    waitsForQueues = mine < 0;
    queueCount = waitsForQueues ? -mine - 1 : mine;
    turn = 0;
  }

  /** Whether a packet became a frame; else it is counted. */
  private boolean take(long arrived, FrameBurst into, int frame) {
    long packet = arrived;
    if (Packets.segments(packet) > 1) {
      packet = join(arrived);
      if (packet == 0) {
        drops.noBuffer.add(1);
        return false;
      }
    }
    used.setAtIndex(ValueLayout.JAVA_LONG, usedCount++, packet);
    if (!wire.unwrap(memory, packet)) {
      return false;
    }
    into.addFragment(region, wire.frame(), wire.length());
    into.endFrame(wire.network(), wire.length(), 0, 0);
    into.setRoute(frame, wire.nextHop(), 0);
    return true;
  }

  /** A packet of several segments as one of one segment, or 0; seldom. */
  private long join(long packet) {
    long joined = Packets.copy(packet, pool);
    if (joined != 0 && Packets.segments(joined) > 1) {
      packets.setAtIndex(ValueLayout.JAVA_LONG, 0, joined);
      Packets.free(packetsAddress, 1);
      joined = 0;
    }
    used.setAtIndex(ValueLayout.JAVA_LONG, usedCount++, packet);
    return joined;
  }

  /** As {@link dev.outboard.spi.SharedPort#release}. */
  void release() {
    if (usedCount > 0) {
      Packets.free(usedAddress, usedCount);
      usedCount = 0;
    }
  }

  /** Gives back what is left; the queues are others' from now on. The worker, at last. */
  void stop() {
    drops.portClosed.add(count - next);
    while (next < count) {
      long packet = packets.getAtIndex(ValueLayout.JAVA_LONG, next++);
      used.setAtIndex(ValueLayout.JAVA_LONG, usedCount++, packet);
    }
    release();
    share.leave(member);
    version = null;
    queueCount = 0;
  }
}
