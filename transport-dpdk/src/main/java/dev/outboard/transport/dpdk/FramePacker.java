package dev.outboard.transport.dpdk;

import dev.outboard.spi.FrameBurst;
import dev.outboard.transport.dpdk.ffi.Packets;
import java.lang.foreign.MemorySegment;

/**
 * Makes a packet of a frame: copies it, or its headers where the rest is lent, wraps it, and says
 * what the device is to do. Its worker's; hot.
 *
 * @see Sender
 */
final class FramePacker {
  /** The frame is longer than allowed. */
  static final int TOO_LONG = -10;

  /** What the frame needs makes no sense. */
  static final int BAD_OFFLOAD = -11;

  /** There is no packet left for its payload: it has to be tried again. */
  static final int NO_PACKET = -12;

  /** What IP has lengths for, and an Ethernet header. */
  private static final int LONGEST_SUPER_FRAME = 65_549;

  private final Wire wire;
  private final WaitingFrames waiting;
  private final LentPayload lent;
  private final LongFrames longFrames;
  private final SendOffloads offloads;
  private final int longest;
  private final MemorySegment memory = Packets.memory();

  private long start;
  private int length;
  private int copied;
  private int whole;
  private int lentPieces;
  private int longPieces;

  /**
   * A packer.
   *
   * @param offloads says what the device is to do, or null if it can't do anything
   * @param longest how long a frame may be that is no super-frame
   */
  FramePacker(Wire wire, SendBuffers buffers, SendOffloads offloads, int longest) {
    this.wire = wire;
    this.offloads = offloads;
    this.longest = longest;
    waiting = buffers.waiting();
    lent = buffers.lent();
    longFrames = buffers.longFrames();
  }

  /** Makes the packet; false if the frame can't be sent now: {@link #problem} says why. */
  boolean pack(long packet, FrameBurst burst, int frame) {
    Packets.place(packet, Packets.HEADROOM);
    start = Packets.data(packet);
    length = 0;
    lentPieces = 0;
    longPieces = 0;
    int first = burst.firstFragment(frame);
    if (!copy(burst, first, first + 1)) {
      return fail(TOO_LONG);
    }
    boolean needs = offloads != null && burst.offload(frame) != 0;
    int who = needs ? offloads.find(burst, frame, memory, start, length) : SendOffloads.DEVICE;
    if (who == SendOffloads.BAD) {
      return fail(BAD_OFFLOAD);
    }
    if (!addPayload(burst, frame, who)) {
      return false;
    }
    if (who == SendOffloads.OURS && !offloads.fill(burst, frame, memory, start, length)) {
      return fail(BAD_OFFLOAD);
    }
    if (!wrap(burst, frame)) {
      return false;
    }
    describe(packet, burst, frame, needs && who == SendOffloads.DEVICE);
    return true;
  }

  /** Lends what is behind the headers, or copies it. */
  private boolean addPayload(FrameBurst burst, int frame, int who) {
    int from = burst.firstFragment(frame) + 1;
    int end = burst.firstFragment(frame + 1);
    copied = length;
    boolean isSuper = longFrames != null && burst.segmentation(frame) != FrameBurst.GSO_NONE;
    if (lent != null && who == SendOffloads.DEVICE) {
      lentPieces = lent.attach(burst, frame);
    }
    if (lentPieces > 0) {
      length += lent.bytes();
    } else if (isSuper && burst.length(frame) > longest) {
      longPieces = longFrames.copy(burst, from, end);
      if (longPieces == 0) {
        return fail(NO_PACKET);
      }
      length += longFrames.bytes();
    } else if (copy(burst, from, end)) {
      copied = length;
    } else {
      return fail(TOO_LONG);
    }
    return length <= (isSuper ? LONGEST_SUPER_FRAME : longest) || fail(TOO_LONG);
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

  private boolean wrap(FrameBurst burst, int frame) {
    int hop = burst.nextHop(frame);
    whole =
        waiting != null && !waiting.isEmpty() && waiting.hasAnyTo(hop)
            ? Wire.UNRESOLVED
            : wire.wrap(memory, start, length, hop, burst.flowHash(frame));
    if (whole >= 0) {
      return true;
    }
    if (lentPieces > 0 && whole == Wire.UNRESOLVED) {
      // What waits is a copy.
      length = copied;
      boolean _ = copy(burst, burst.firstFragment(frame) + 1, burst.firstFragment(frame + 1));
    }
    return fail(whole);
  }

  private void describe(long packet, FrameBurst burst, int frame, boolean byDevice) {
    int around = whole - length;
    Packets.place(packet, Packets.HEADROOM - around);
    if (byDevice) {
      offloads.prepare(burst, frame, memory, start, around);
      Packets.describe(packet, copied + around, offloads.flags(), offloads.lengths());
    } else {
      Packets.describe(packet, copied + around, 0, 0);
    }
    if (lentPieces > 0) {
      Packets.append(packet, lent.first());
      Packets.extend(packet, whole, 1 + lentPieces);
    } else if (longPieces > 0) {
      Packets.append(packet, longFrames.first());
      Packets.extend(packet, whole, 1 + longPieces);
    }
  }

  private boolean fail(int problem) {
    whole = problem;
    if (lentPieces > 0) {
      lent.giveBack(lentPieces);
      lentPieces = 0;
    }
    if (longPieces > 0) {
      longFrames.giveBack(longPieces);
      longPieces = 0;
    }
    return false;
  }

  /** Why there is no packet: one of the constants here, or of {@link Wire}'s. */
  int problem() {
    return whole;
  }

  /** How many pieces of guests' memory are behind the packet. */
  int lentPieces() {
    return lentPieces;
  }

  /** How many packets with copies are behind it. */
  int longPieces() {
    return longPieces;
  }

  /** Has a frame wait that has a problem with its way. */
  void keepWaiting(FrameBurst burst, int frame) {
    waiting.add(burst, frame, memory, start, length);
  }
}
