package dev.outboard.transport.dpdk;

import dev.outboard.packet.Ethernet;
import dev.outboard.spi.Counter;
import dev.outboard.spi.FrameBurst;
import dev.outboard.transport.dpdk.ffi.FastPath;
import dev.outboard.transport.dpdk.ffi.Packets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The sending half of a worker's port. Its worker's; hot.
 *
 * <p>A frame is copied into one packet, from wherever its fragments are: what is sent does not
 * change any more, and drivers that send only the first segment of a packet are no danger. Devices
 * may take fewer packets than they are given; those that are left stay with the caller, as frames.
 */
final class Sender {
  /** The most packets that are given to a device in one call. */
  private static final int BURST = 64;

  private final Vlans vlans;
  private final Drops drops;
  private final PacketRing ring;
  private final FastPath path;
  /** The longest frame, its VLAN tag not counted. */
  private final int longest;

  private final MemorySegment memory = Packets.memory();
  private final MemorySegment packets =
      Arena.ofAuto().allocate((long) BURST * Long.BYTES, Long.BYTES);
  private final long packetsAddress = packets.address();

  /** For each packet its frame. */
  private final int[] frameOf = new int[BURST];

  private TransmitQueues.Queue queue;

  Sender(
      Vlans vlans,
      Drops drops,
      PacketRing ring,
      FastPath path,
      int longest) {
    this.vlans = vlans;
    this.drops = drops;
    this.ring = ring;
    this.path = path;
    this.longest = longest;
  }

  /** Says by which queue its worker sends. */
  void use(TransmitQueues.Queue itsQueue) {
    queue = itsQueue;
  }

  /** What the last {@link #gather} has made, and whether it ended for want of packets. */
  private int gathered;

  private boolean outOfPackets;

  /** As {@link dev.outboard.spi.FramePort#transmit}. */
  int transmit(FrameBurst burst, int from, int count) {
    int end = from + count;
    int frame = from;
    while (frame < end) {
      int behind = gather(burst, frame, end);
      int sent = send(gathered);
      if (sent < gathered) {
        return frameOf[sent] - from;
      }
      if (outOfPackets) {
        return behind - from;
      }
      frame = behind;
    }
    return count;
  }

  /**
   * Copies frames into packets, until there is no room for more, or there are some and the next
   * frame can't be sent: it is counted when those before it have left.
   *
   * @return the frame behind the last one
   */
  private int gather(FrameBurst burst, int from, int end) {
    gathered = 0;
    outOfPackets = false;
    int frame = from;
    while (frame < end && gathered < BURST) {
      Counter refusal = add(burst, frame);
      if (outOfPackets || (refusal != null && gathered > 0)) {
        return frame;
      }
      if (refusal != null) {
        refusal.add(1);
      } else {
        frameOf[gathered++] = frame;
      }
      frame++;
    }
    return frame;
  }

  /** Makes a packet of a frame; or where it is counted that it can't be sent. */
  private Counter add(FrameBurst burst, int frame) {
    int vlan = Vlans.vlan(burst.nextHop(frame));
    if (!vlans.isOpen(vlan)) {
      return drops.noNextHop;
    }
    long packet = ring.take();
    if (packet == 0) {
      outOfPackets = true;
      return null;
    }
    Counter refusal = copy(burst, frame, packet, vlan);
    if (refusal == null) {
      packets.setAtIndex(ValueLayout.JAVA_LONG, gathered, packet);
    } else {
      ring.giveBack(1);
    }
    return refusal;
  }

  private Counter copy(FrameBurst burst, int frame, long packet, int vlan) {
    Packets.place(packet, Packets.HEADROOM);
    long start = Packets.data(packet);
    int length = 0;
    int last = burst.firstFragment(frame + 1);
    for (int f = burst.firstFragment(frame); f < last; f++) {
      int bytes = burst.fragmentLength(f);
      if (bytes > longest - length) {
        return drops.tooLong;
      }
      MemorySegment.copy(burst.segment(f), burst.offset(f), memory, start + length, bytes);
      length += bytes;
    }
    if (vlan != Vlans.NO_TAG) {
      Packets.place(packet, Packets.HEADROOM - VlanTag.SIZE);
      VlanTag.insert(memory, start, vlan);
      length += VlanTag.SIZE;
    } else if (length < Ethernet.HEADER || VlanTag.isThere(memory, start)) {
      // With a tag of its own it would be in another network.
      return drops.tagged;
    }
    Packets.describe(packet, length, 0, 0);
    return null;
  }

  private int send(int count) {
    if (count == 0) {
      return 0;
    }
    if (!queue.enter()) {
      ring.giveBack(count);
      return 0;
    }
    int sent = path.transmit(queue.number(), packetsAddress, count);
    queue.leave();
    ring.giveBack(count - sent);
    return sent;
  }
}
