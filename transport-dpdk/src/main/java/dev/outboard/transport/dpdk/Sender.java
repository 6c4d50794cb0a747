package dev.outboard.transport.dpdk;

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
 * change any more, and drivers that send only the first segment of a packet are no danger. Where
 * payload is lent to the device ({@link LentPayload}), only the headers are copied. Devices may
 * take fewer packets than they are given; those that are left stay with the caller, as frames.
 */
final class Sender {
  /** The most packets that are given to a device in one call. */
  private static final int BURST = 64;

  private final Wire wire;
  private final Drops drops;
  private final SendBuffers buffers;
  private final PacketRing ring;
  private final WaitingFrames waiting;

  /** Null where all is copied. */
  private final LentPayload lent;

  /** Null where the device does not cut super-frames. */
  private final LongFrames longFrames;

  private final FastPath path;

  private final FramePacker packer;

  /** How many bytes a packet has room for. */
  private final int room;

  private final MemorySegment memory = Packets.memory();
  private final MemorySegment packets =
      Arena.ofAuto().allocate((long) BURST * Long.BYTES, Long.BYTES);
  private final long packetsAddress = packets.address();
  private final MemorySegment single = Arena.ofAuto().allocate(Long.BYTES, Long.BYTES);

  /** For each packet its frame, and how many pieces of each kind are behind it. */
  private final int[] frameOf = new int[BURST];

  private final int[] lentOf = new int[BURST];
  private final int[] longOf = new int[BURST];

  private TransmitQueues.Queue queue;

  /** What the last {@link #gather} has made, and whether it ended for want of packets. */
  private int gathered;

  private boolean outOfPackets;

  /**
   * A sender.
   *
   * @param offloads says what the device is to do, or null if it can't do anything
   * @param longest how long a frame may be that is no super-frame
   */
  Sender(
      Wire wire,
      Drops drops,
      SendBuffers buffers,
      SendOffloads offloads,
      FastPath path,
      int longest) {
    this.wire = wire;
    this.drops = drops;
    this.buffers = buffers;
    this.path = path;
    ring = buffers.ring();
    waiting = buffers.waiting();
    lent = buffers.lent();
    longFrames = buffers.longFrames();
    room = buffers.room();
    packer = new FramePacker(wire, buffers, offloads, longest);
  }

  /** Says by which queue its worker sends. */
  void use(TransmitQueues.Queue itsQueue) {
    queue = itsQueue;
  }

  /** As {@link dev.outboard.spi.FramePort#transmit}. */
  int transmit(FrameBurst burst, int from, int count) {
    serve();
    int accepted = sendFrames(burst, from, count);
    if (isWaiting()) {
      serve();
    }
    return accepted;
  }

  private int sendFrames(FrameBurst burst, int from, int count) {
    int end = from + count;
    int frame = from;
    while (frame < end) {
      int behind = gather(burst, frame, end);
      int sent = send(burst);
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
      long packet = ring.take();
      if (packet == 0) {
        outOfPackets = true;
        return frame;
      }
      if (packer.pack(packet, burst, frame)) {
        packets.setAtIndex(ValueLayout.JAVA_LONG, gathered, packet);
        lentOf[gathered] = packer.lentPieces();
        longOf[gathered] = packer.longPieces();
        frameOf[gathered++] = frame;
      } else {
        ring.giveBack(1);
        outOfPackets = packer.problem() == FramePacker.NO_PACKET;
        if (gathered > 0 || outOfPackets) {
          return frame;
        }
        refuse(burst, frame);
      }
      frame++;
    }
    return frame;
  }

  /** Counts a frame that there is no packet of, or lets it wait. */
  private void refuse(FrameBurst burst, int frame) {
    switch (packer.problem()) {
      case Wire.UNRESOLVED -> packer.keepWaiting(burst, frame);
      case FramePacker.BAD_OFFLOAD -> drops.badOffload.add(1);
      case Wire.NO_NEXT_HOP -> drops.noNextHop.add(1);
      case Wire.TAGGED -> drops.tagged.add(1);
      default -> drops.tooLong.add(1);
    }
  }

  /** Sends what was gathered; how many packets the device has taken. */
  private int send(FrameBurst burst) {
    int sent = 0;
    if (gathered > 0 && queue.enter()) {
      sent = path.transmit(queue.number(), packetsAddress, gathered);
      queue.leave();
    }
    ring.giveBack(gathered - sent);
    if (lent != null) {
      settleLent(burst, sent);
    }
    if (longFrames != null) {
      longFrames.giveBack(sum(longOf, sent, gathered));
    }
    return sent;
  }

  private void settleLent(FrameBurst burst, int sent) {
    for (int i = 0; i < sent; i++) {
      if (lentOf[i] > 0) {
        lent.sent(burst, frameOf[i], lentOf[i]);
      }
    }
    lent.giveBack(sum(lentOf, sent, gathered));
  }

  private static int sum(int[] counts, int from, int end) {
    int sum = 0;
    for (int i = from; i < end; i++) {
      sum += counts[i];
    }
    return sum;
  }

  /** As {@link dev.outboard.spi.FramePort#reclaim}. */
  int reclaim(long[] tokens, int limit) {
    return lent == null ? 0 : lent.reclaim(queue, tokens, limit);
  }

  /** Sends what the wire has to say, and what has waited. */
  void serve() {
    wire.serve(this);
    if (waiting != null && !waiting.isEmpty()) {
      waiting.serve(wire, this);
    }
  }

  /** What waits may be sent now. */
  void retryWaiting() {
    waiting.retrySoon();
  }

  /** Whether something waits: the worker must not sleep long. */
  boolean isWaiting() {
    return waiting != null && !waiting.isEmpty();
  }

  MemorySegment memory() {
    return memory;
  }

  /** A packet for the wire itself, to be given to {@link #sendOwn}; or 0. */
  long take() {
    long packet = ring.take();
    if (packet != 0) {
      Packets.place(packet, Packets.HEADROOM);
    }
    return packet;
  }

  /** How many bytes of data such a packet has room for. */
  int room() {
    return room;
  }

  /** Sends a packet of the wire's own, at once or never: what it says is said again. */
  void sendOwn(long packet, int bytes) {
    boolean sent = false;
    if (bytes > 0 && queue.enter()) {
      Packets.describe(packet, bytes, 0, 0);
      single.set(ValueLayout.JAVA_LONG, 0, packet);
      sent = path.transmit(queue.number(), single.address(), 1) == 1;
      queue.leave();
    }
    if (!sent) {
      Packets.setReferences(packet, 1);
    }
  }

  /**
   * The worker, at last.
   *
   * @return false if the device goes on reading guests' memory
   */
  boolean stop() {
    if (waiting != null) {
      waiting.stop();
    }
    return lent == null || lent.stop(queue);
  }

  /** Frees the packets. Control thread. */
  void close() {
    buffers.close();
  }
}
