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
  private final PacketRing ring;
  private final WaitingFrames waiting;

  /** Null where all is copied. */
  private final LentPayload lent;

  private final FastPath path;

  /** The longest frame. */
  private final int longest;

  /** How many bytes a packet has room for. */
  private final int room;

  private final MemorySegment memory = Packets.memory();
  private final MemorySegment packets =
      Arena.ofAuto().allocate((long) BURST * Long.BYTES, Long.BYTES);
  private final long packetsAddress = packets.address();
  private final MemorySegment single = Arena.ofAuto().allocate(Long.BYTES, Long.BYTES);

  /** For each packet its frame, and how many pieces of guests' memory are behind it. */
  private final int[] frameOf = new int[BURST];

  private final int[] piecesOf = new int[BURST];

  private TransmitQueues.Queue queue;

  /** What the last {@link #gather} has made, and whether it ended for want of packets. */
  private int gathered;

  private boolean outOfPackets;

  /**
   * A sender.
   *
   * @param waiting where frames wait whose way is not known yet, or null
   * @param lent sends payload without a copy, or null
   * @param longest how long a frame may be
   * @param room how many bytes a packet has room for
   */
  Sender(
      Wire wire,
      Drops drops,
      PacketRing ring,
      WaitingFrames waiting,
      LentPayload lent,
      FastPath path,
      int longest,
      int room) {
    this.wire = wire;
    this.drops = drops;
    this.ring = ring;
    this.waiting = waiting;
    this.lent = lent;
    this.path = path;
    this.longest = longest;
    this.room = room;
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
      if (fill(packet, burst, frame)) {
        packets.setAtIndex(ValueLayout.JAVA_LONG, gathered, packet);
        piecesOf[gathered] = pieces;
        frameOf[gathered++] = frame;
      } else {
        ring.giveBack(1);
        if (gathered > 0) {
          return frame;
        }
        refuse(burst, frame);
      }
      frame++;
    }
    return frame;
  }

  /** What the last {@link #fill} has found: a frame's length, that of all of it or why not. */
  private int length;

  private int whole;
  private long start;
  private int pieces;

  /** Makes a packet of a frame; false if that can't be sent now. */
  private boolean fill(long packet, FrameBurst burst, int frame) {
    Packets.place(packet, Packets.HEADROOM);
    start = Packets.data(packet);
    length = 0;
    pieces = lent == null ? 0 : lent.attach(burst, frame);
    int first = burst.firstFragment(frame);
    int last = burst.firstFragment(frame + 1);
    int copied = last - pieces;
    if (!copy(burst, first, copied) || (pieces > 0 && lent.bytes() > longest - length)) {
      takeBackPieces();
      whole = 0;
      return false;
    }
    int headers = length;
    length += pieces > 0 ? lent.bytes() : 0;
    int hop = burst.nextHop(frame);
    whole =
        waiting != null && !waiting.isEmpty() && waiting.hasAnyTo(hop)
            ? Wire.UNRESOLVED
            : wire.wrap(memory, start, length, hop, burst.flowHash(frame));
    if (whole < 0) {
      if (pieces > 0) {
        length = headers;
        boolean _ = copy(burst, copied, last);
        takeBackPieces();
      }
      return false;
    }
    int around = whole - length;
    Packets.place(packet, Packets.HEADROOM - around);
    Packets.describe(packet, headers + around, 0, 0);
    if (pieces > 0) {
      Packets.append(packet, lent.first());
      Packets.extend(packet, whole, 1 + pieces);
    }
    return true;
  }

  /** Copies fragments behind what is copied already; false if that would be too long. */
  private boolean copy(FrameBurst burst, int from, int end) {
    for (int f = from; f < end; f++) {
      int bytes = burst.fragmentLength(f);
      if (bytes > longest - length) {
        return false;
      }
      MemorySegment.copy(burst.segment(f), burst.offset(f), memory, start + length, bytes);
      length += bytes;
    }
    return true;
  }

  private void takeBackPieces() {
    if (pieces > 0) {
      lent.giveBack(pieces);
      pieces = 0;
    }
  }

  /** Counts the frame of the last {@link #fill}, or lets it wait. */
  private void refuse(FrameBurst burst, int frame) {
    switch (whole) {
      case Wire.UNRESOLVED -> waiting.add(burst, frame, memory, start, length);
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
      settle(burst, sent);
    }
    return sent;
  }

  private void settle(FrameBurst burst, int sent) {
    int back = 0;
    for (int i = 0; i < gathered; i++) {
      int count = piecesOf[i];
      if (i >= sent) {
        back += count;
      } else if (count > 0) {
        lent.sent(burst, frameOf[i], count);
      }
    }
    lent.giveBack(back);
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
    ring.close();
    if (waiting != null) {
      waiting.close();
    }
    if (lent != null) {
      lent.close();
    }
  }
}
