package dev.outboard.engine.worker;

import dev.outboard.spi.FrameBurst;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * Bursts that a port goes on reading after it has accepted them, because it sends without a copy.
 * One per worker, used by its thread.
 *
 * <p>Theory of operation. A driver may use a buffer again as soon as it gets it back, so nothing of
 * a burst is given back before the port has let go of all its frames; buffers leave in the order of
 * the ring anyway. Until then the queue is not polled: one burst of a queue is held at a time,
 * which also bounds what a slow port can hold. A port that has held a burst for too long gets
 * copies from that queue for a while. The headers of the frames are the worker's and used again at
 * once; the port has copied them.
 */
final class HeldBursts {
  private static final long SLOW_NANOS = 2_000_000;
  private static final int COPIED_BURSTS = 1_000;
  private static final int AT_A_TIME = 64;
  private static final int GENERATION_SHIFT = 32;

  private final Calls calls;
  private final long[] tokens = new long[AT_A_TIME];
  private TransmitSide[] sides = new TransmitSide[16];
  private GuestDevice[] guests = new GuestDevice[16];
  private long[] since = new long[16];
  private int[] copies = new int[16];
  private int[] generations = new int[16];
  private long[] holders = new long[16];

  HeldBursts(Calls calls) {
    this.calls = calls;
  }

  /** Under which token a port may hold frames of a queue now; none while its ports are slow. */
  long token(GuestDevice guest, TransmitSide side) {
    if (side.holdToken == FrameBurst.NO_TOKEN) {
      enter(guest, side);
    }
    int slot = (int) side.holdToken;
    if (copies[slot] > 0) {
      copies[slot]--;
      return FrameBurst.NO_TOKEN;
    }
    return side.holdToken;
  }

  private void enter(GuestDevice guest, TransmitSide side) {
    int slot = 0;
    while (slot < sides.length && sides[slot] != null) {
      slot++;
    }
    if (slot == sides.length) {
      int more = slot * 2;
      sides = Arrays.copyOf(sides, more);
      guests = Arrays.copyOf(guests, more);
      since = Arrays.copyOf(since, more);
      copies = Arrays.copyOf(copies, more);
      generations = Arrays.copyOf(generations, more);
      holders = Arrays.copyOf(holders, more);
    }
    sides[slot] = side;
    guests[slot] = guest;
    copies[slot] = 0;
    side.holdToken = (long) ++generations[slot] << GENERATION_SHIFT | slot;
  }

  /** A queue's burst is held so many times, by the ports of these bits. */
  void hold(TransmitSide side, int holds, long by) {
    side.holds = holds;
    holders[(int) side.holdToken] = by;
    since[(int) side.holdToken] = System.nanoTime();
  }

  /** Takes back what a port reads no more. */
  void reclaim(Egress egress) {
    int count = egress.reclaim(tokens, AT_A_TIME);
    egress.holds -= count;
    for (int i = 0; i < count; i++) {
      released(tokens[i]);
    }
  }

  private void released(long token) {
    int slot = (int) token;
    TransmitSide side = sides[slot];
    if (side == null || side.holdToken != token) {
      return;
    }
    if (--side.holds == 0) {
      if (System.nanoTime() - since[slot] > SLOW_NANOS) {
        copies[slot] = COPIED_BURSTS;
      }
      complete(guests[slot], side);
    }
  }

  private void complete(GuestDevice guest, TransmitSide side) {
    side.queue.finishHeld();
    if (side.queue.ring().publish()) {
      VarHandle.fullFence();
      if (side.queue.ring().wantsCall()) {
        calls.add(guest, side.call);
      }
    }
  }

  /**
   * A port has failed and does not say any more what it reads: what it has held is given back. The
   * queues get new tokens, so that nothing is given back a second time.
   */
  void abandon(Egress egress) {
    egress.holds = 0;
    for (int slot = 0; slot < sides.length; slot++) {
      if (sides[slot] != null && sides[slot].holds > 0 && (holders[slot] & egress.bit) != 0) {
        leave(sides[slot], !guests[slot].failed);
      }
    }
  }

  /**
   * The worker lets go of a queue. What is still held is given back all the same: whoever reads it
   * has had its time.
   */
  void leave(TransmitSide side, boolean accessible) {
    if (side.holdToken == FrameBurst.NO_TOKEN) {
      return;
    }
    int slot = (int) side.holdToken;
    if (side.holds > 0 && accessible) {
      complete(guests[slot], side);
    }
    side.holds = 0;
    side.holdToken = FrameBurst.NO_TOKEN;
    sides[slot] = null;
    guests[slot] = null;
  }
}
