package dev.outboard.transport.kerneltcp;

import dev.outboard.linux.OutgoingMessages;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.Priority;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The sending half of a port. Its worker's; hot.
 *
 * <pre>
 *   frames     a1 a2 a3 b1 a4 ...          lane by next hop and flow: a, b
 *   messages   [H a1 H a2 H a3]  [H b1]  [H a4]    one system call each; H: the frame's header
 * </pre>
 *
 * <p>A burst is one guest's, so all of it has the lanes of one priority, and a full lane holds back
 * frames of that guest alone.
 *
 * <p>Nothing is copied here, but for TLS: a message is a list of places, and the kernel copies from
 * there before the call returns. Super-frames go whole, with what they need in their header.
 */
final class Sender {
  /** As many as fit one message, beside the header. */
  static final int MOST_FRAGMENTS = 1000;

  private static final int MOST_FRAMES = 256;
  private static final int MOST_BYTES = 1 << 20;

  private final Drops drops;
  private final MemorySegment headers =
      Arena.ofAuto().allocate((long) MOST_FRAMES * Wire.HEADER, Long.BYTES);
  private final OutgoingMessages message =
      new OutgoingMessages(Arena.ofAuto(), 1, OutgoingMessages.MOST_IOVECS);

  /**
   * By priority and next hop the lanes there, or null; replaced as a whole by the control thread.
   */
  private volatile Lane[][][] routes = new Lane[Priority.values().length][0][];

  Sender(Drops drops) {
    this.drops = drops;
  }

  /** Says which lanes lead where. Control thread. */
  void routes(Lane[][][] all) {
    routes = all;
  }

  /** As {@link dev.outboard.spi.FramePort#transmit}. */
  int transmit(FrameBurst burst, int from, int count) {
    Lane[][] all = routes[burst.priority().rank()];
    int end = from + count;
    int frame = from;
    while (frame < end) {
      Lane lane = lane(all, burst, frame);
      if (lane == null) {
        drops.noNextHop.add(1);
        frame++;
        continue;
      }
      if (isTooLong(burst, frame)) {
        drops.tooLong.add(1);
        frame++;
        continue;
      }
      int next = lane.flush() ? send(all, lane, burst, frame, end) : frame;
      if (next == frame && !lane.dropsRefused()) {
        return frame - from;
      }
      frame = Math.max(next, frame + 1);
    }
    return count;
  }

  private static Lane lane(Lane[][] all, FrameBurst burst, int frame) {
    int hop = burst.nextHop(frame);
    Lane[] lanes = hop >= 0 && hop < all.length ? all[hop] : null;
    if (lanes == null) {
      return null;
    }
    int hash = burst.flowHash(frame) * 0x9e37_79b9;
    return lanes[(int) (((hash & 0xffff_ffffL) * lanes.length) >>> 32)];
  }

  private static int fragments(FrameBurst burst, int frame) {
    return burst.firstFragment(frame + 1) - burst.firstFragment(frame);
  }

  private static boolean isTooLong(FrameBurst burst, int frame) {
    return burst.length(frame) > Wire.MOST_FRAME || fragments(burst, frame) > MOST_FRAGMENTS;
  }

  /** Sends a frame and those behind it that have the same lane; the first that was not taken. */
  private int send(Lane[][] all, Lane lane, FrameBurst burst, int from, int end) {
    if (lane.copies()) {
      return copy(all, lane, burst, from, end);
    }
    message.clear();
    int frame = from;
    long bytes = 0;
    int most = Math.min(end, from + MOST_FRAMES);
    do {
      add(burst, frame, frame - from);
      bytes += Wire.HEADER + burst.length(frame);
      frame++;
    } while (frame < most
        && bytes < MOST_BYTES
        && lane(all, burst, frame) == lane
        && !isTooLong(burst, frame)
        && message.hasRoom(1 + fragments(burst, frame)));
    message.end(0, 0, 0);
    long sent = lane.send(message.address(0));
    if (sent < 0) {
      return lane.isUp() ? dropUnreadable(from) : from;
    }
    return settle(lane, burst, from, sent);
  }

  /** As {@link #send}, by way of the lane's own buffer, which is empty. */
  private static int copy(Lane[][] all, Lane lane, FrameBurst burst, int from, int end) {
    int frame = from;
    do {
      lane.copy(burst, frame);
      frame++;
    } while (frame < end
        && lane(all, burst, frame) == lane
        && !isTooLong(burst, frame)
        && lane.hasRoom(burst.length(frame)));
    boolean _ = lane.flush();
    return frame;
  }

  private void add(FrameBurst burst, int frame, int slot) {
    long at = (long) slot * Wire.HEADER;
    Wire.writeHeader(headers, at, burst, frame);
    message.add(headers.address() + at, Wire.HEADER);
    int end = burst.firstFragment(frame + 1);
    for (int f = burst.firstFragment(frame); f < end; f++) {
      message.add(burst.address(f), burst.fragmentLength(f));
    }
  }

  /** The kernel could not read the first frame, and has taken nothing. */
  private int dropUnreadable(int frame) {
    drops.badMemory.add(1);
    return frame + 1;
  }

  /** Finds out what was taken; returns the first frame that was not. */
  private static int settle(Lane lane, FrameBurst burst, int from, long sent) {
    int frame = from;
    long left = sent;
    while (left > 0) {
      int size = Wire.HEADER + burst.length(frame);
      lane.countSent(1);
      if (left < size) {
        lane.keepRest(burst, frame, (int) left);
      }
      left -= size;
      frame++;
    }
    return frame;
  }
}
