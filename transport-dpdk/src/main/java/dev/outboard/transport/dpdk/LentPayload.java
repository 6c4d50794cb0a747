package dev.outboard.transport.dpdk;

import dev.outboard.packet.Ethernet;
import dev.outboard.spi.FrameBurst;
import dev.outboard.transport.dpdk.ffi.DpdkException;
import dev.outboard.transport.dpdk.ffi.FastPath;
import dev.outboard.transport.dpdk.ffi.Packets;

/**
 * Sends the payload of frames from guests' memory, without a copy. Its worker's; hot.
 *
 * <p>Theory of operation. Each piece of payload has a packet of a ring, as frames have: its second
 * reference is the driver's, and when that is gone, the driver reads there no more. Most drivers
 * are done when their call returns; then the frame is finished as if it had been copied. What one
 * still has is held, in the order of the ring. The pieces of all frames that were given to a driver
 * follow each other there, so a position is all that need be known of them.
 */
final class LentPayload {
  /** Twice what a device's queue holds. */
  private static final int PIECES = 2048;

  /** A frame's; NICs take eight parts of a packet, and one is its headers. */
  private static final int MOST = 7;

  /** Of a piece, on average: less is copied in no more time. */
  static final int LEAST_BYTES = 512;

  /** A part's length has 16 bits. */
  private static final int LARGEST = 0xffff;

  private static final long PATIENCE_NANOS = 100_000_000;

  private final ReadableMemory memory;
  private final FastPath path;
  private final PacketRing pieces;
  private final int most;

  /** The first piece of the last {@link #attach}, and how many bytes all have. */
  private long first;

  private int bytes;

  /** Up to this position pieces were given to the driver. */
  private int given;

  /** Held frames: for each its token, and the positions where its pieces begin and end. */
  private final long[] tokens = new long[PIECES];

  private final int[] begins = new int[PIECES];
  private final int[] ends = new int[PIECES];
  private int oldest;
  private int newest;

  /**
   * For one sender.
   *
   * @param parts of a packet that the device takes at most, or 0 if it does not say
   */
  LentPayload(ReadableMemory memory, FastPath path, int parts, int socket) throws DpdkException {
    this.memory = memory;
    this.path = path;
    most = parts == 0 ? MOST : Math.min(MOST, parts - 1);
    pieces = PacketRing.ofPieces(PIECES, socket);
  }

  /**
   * Makes pieces of a frame's payload, to be appended to a packet with its headers.
   *
   * @return how many, or 0 if the frame is to be copied
   */
  int attach(FrameBurst burst, int frame) {
    int headers = burst.firstFragment(frame);
    int end = burst.firstFragment(frame + 1);
    int count = end - headers - 1;
    if (burst.token(frame) == FrameBurst.NO_TOKEN
        || count < 1
        || count > most
        || burst.fragmentLength(headers) < Ethernet.HEADER
        || !isWorthIt(burst, headers + 1, end)) {
      return 0;
    }
    long last = 0;
    for (int f = headers + 1; f < end; f++) {
      long piece = pieces.take();
      if (piece == 0) {
        pieces.giveBack(f - headers - 1);
        return 0;
      }
      Packets.lend(piece, burst.address(f), burst.fragmentLength(f));
      if (last == 0) {
        first = piece;
      } else {
        Packets.append(last, piece);
      }
      last = piece;
    }
    return count;
  }

  private boolean isWorthIt(FrameBurst burst, int from, int end) {
    boolean[] readable = memory.readable();
    int sum = 0;
    for (int f = from; f < end; f++) {
      int region = burst.region(f);
      int length = burst.fragmentLength(f);
      if (region >= readable.length || !readable[region] || length == 0 || length > LARGEST) {
        return false;
      }
      sum += length;
    }
    bytes = sum;
    return sum >= (end - from) * LEAST_BYTES;
  }

  /** The first piece of the last {@link #attach}. */
  long first() {
    return first;
  }

  /** How many bytes the pieces of the last {@link #attach} have. */
  int bytes() {
    return bytes;
  }

  /** The last pieces are not sent. */
  void giveBack(int count) {
    pieces.giveBack(count);
  }

  /** The driver has taken a frame with the next so many pieces: it is held if they are read yet. */
  void sent(FrameBurst burst, int frame, int count) {
    int end = given + count;
    if (!pieces.areFree(given, end)) {
      int slot = newest++ & (PIECES - 1);
      tokens[slot] = burst.token(frame);
      begins[slot] = given;
      ends[slot] = end;
      burst.hold(frame);
    }
    given = end;
  }

  /** As {@link dev.outboard.spi.FramePort#reclaim}; an idle queue is asked to let go, once. */
  int reclaim(TransmitQueues.Queue queue, long[] into, int limit) {
    int count = take(into, 0, limit);
    if (count < limit && oldest != newest && finish(queue)) {
      count = take(into, count, limit);
    }
    return count;
  }

  private int take(long[] into, int from, int limit) {
    int count = from;
    while (count < limit && oldest != newest && isFree(oldest)) {
      into[count++] = tokens[oldest++ & (PIECES - 1)];
    }
    return count;
  }

  private boolean isFree(int held) {
    int slot = held & (PIECES - 1);
    return pieces.areFree(begins[slot], ends[slot]);
  }

  private boolean finish(TransmitQueues.Queue queue) {
    if (!queue.enter()) {
      return false;
    }
    boolean can = path.finish(queue.number());
    queue.leave();
    return can;
  }

  /**
   * The worker goes: when this returns nothing is read any more. A device that does not let go by
   * itself is made to.
   *
   * @return whether it did
   */
  boolean stop(TransmitQueues.Queue queue) {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (!isIdle() && System.nanoTime() < deadline) {
      boolean _ = finish(queue);
    }
    if (!isIdle()) {
      while (!queue.enter()) {
        Thread.onSpinWait();
      }
      boolean _ = path.restart(queue.number());
      queue.leave();
    }
    boolean idle = isIdle();
    oldest = newest;
    return idle;
  }

  private boolean isIdle() {
    while (oldest != newest && isFree(oldest)) {
      oldest++;
    }
    return oldest == newest;
  }

  /** Frees the packets. Control thread. */
  void close() {
    pieces.close();
  }
}
