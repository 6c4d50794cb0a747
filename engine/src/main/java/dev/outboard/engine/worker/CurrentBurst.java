package dev.outboard.engine.worker;

import dev.outboard.engine.forwarding.DropReason;
import dev.outboard.engine.forwarding.GuestCounters;
import dev.outboard.spi.FrameBurst;

/**
 * The burst that a worker is dealing with, from a guest or from an uplink: whose it is, how far it
 * is, and what has to be kept in mind of the frame at its head. One per worker, used by its thread;
 * {@link Delivery} and {@link Departure} work on it.
 */
final class CurrentBurst {
  final OffloadWork work;
  private final long headOfLineNanos;

  FrameBurst frames;
  GuestCounters sender;

  /** Whether its frames may wait for a guest that is to be back at any moment after a restart. */
  boolean waitsForReturn;

  private HeadOfLine head;

  /** The first frame that is not done with from former bursts. */
  private int first;

  /** The frame that is being dealt with: all before it are done with, or in the run of a port. */
  int frame;

  /** How far the frame that must wait is cut, if that was done in this burst; else -1. */
  private int segmentsHeld;

  /** Whether the frame is just being cut for its receiver. */
  private boolean cutting;

  CurrentBurst(OffloadWork work, long headOfLineNanos) {
    this.work = work;
    this.headOfLineNanos = headOfLineNanos;
  }

  /**
   * A burst begins.
   *
   * @param from the frame that is at the head
   * @param ofGuest whether it is a guest's; one of an uplink holds up all that comes behind it, for
   *     whomever
   */
  void begin(
      FrameBurst burst, int from, GuestCounters counters, HeadOfLine headOfLine, boolean ofGuest) {
    frames = burst;
    waitsForReturn = ofGuest;
    sender = counters;
    head = headOfLine;
    first = from;
    frame = from;
    segmentsHeld = -1;
    work.begin();
  }

  /** For the next burst, which begins with the first frame that is not done with. */
  void end(int done) {
    if (done == frames.count()) {
      head.segmentsDone = 0;
    } else if (done > first || segmentsHeld >= 0) {
      head.segmentsDone = Math.max(0, segmentsHeld);
    }
  }

  /** A receiver has taken something: whoever is at the head has not waited yet. */
  void progress() {
    head.blockedSince = 0;
  }

  /** Whether the frame at the head may go on waiting; if not, its time starts anew. */
  boolean mayWait() {
    long now = System.nanoTime();
    if (head.blockedSince == 0) {
      head.blockedSince = now;
      return true;
    }
    if (now - head.blockedSince < headOfLineNanos) {
      return true;
    }
    head.blockedSince = 0;
    return false;
  }

  /** Counts a frame that is given to nobody. */
  void drop(DropReason reason) {
    sender.drop(reason, 1);
    segmentsHeld = -1;
  }

  /** How far the frame was cut in former bursts, which can be the case at the head only. */
  int segmentsDone(int i) {
    return i == first ? head.segmentsDone : 0;
  }

  /** From here on segments of the frame are given away, until {@link #cut}. */
  void startCutting() {
    cutting = true;
  }

  /**
   * Counts the segments that were given away, and keeps in mind how far that went.
   *
   * @param from the first that was still to be delivered
   * @param done the first that is so now
   * @return whether none is
   */
  boolean cut(int from, int done) {
    cutting = false;
    boolean all = work.count(sender, from, done);
    segmentsHeld = all ? -1 : done;
    return all;
  }

  /** Under which number a queue knows the frame, or the segment, that was being delivered. */
  int slot() {
    return cutting ? work.slot() : frame;
  }

  /**
   * After a failure while a frame was being delivered.
   *
   * @param delivered how many frames their receiver has after all, from that one on, or whether it
   *     has the segment that was in hand
   * @return how many frames are done with
   */
  int recover(int delivered) {
    if (cutting) {
      return cut(segmentsDone(frame), work.done() + delivered) ? 1 : 0;
    }
    return delivered;
  }
}
