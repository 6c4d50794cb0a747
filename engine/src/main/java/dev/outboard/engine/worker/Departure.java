package dev.outboard.engine.worker;

import dev.outboard.engine.forwarding.DropReason;
import dev.outboard.spi.Priority;
import java.util.Arrays;

/**
 * Sends frames of the current burst off this host. Those that follow each other and leave by the
 * same port go there in one call, as a run. One per worker, used by its thread.
 */
final class Departure {
  private final CurrentBurst current;
  private Egress egress;

  /** Where the run starts, and how many frames it has. */
  private int start;

  private int length;

  private Egress[] used = new Egress[4];
  private int usedCount;

  /** How often ports hold frames of this burst, and the bits of those ports. */
  private int holds;

  private long holders;

  Departure(CurrentBurst current) {
    this.current = current;
  }

  /** The first frame that must wait, after a call has said that one must. */
  int firstWaiting() {
    return start;
  }

  /** Whether frames are collected that were not sent yet. */
  boolean hasRun() {
    return length > 0;
  }

  /**
   * Adds a frame to the run.
   *
   * @param longest how long a frame may be that is no super-frame
   * @return false if it must wait, or one before it
   */
  boolean send(Egress to, int i, int longest) {
    if (to != egress && !flush()) {
      return false;
    }
    egress = to;
    if (to.failed) {
      current.drop(DropReason.UPLINK_FAILED);
      return true;
    }
    switch (current.work.prepare(current.frames, i, to.offloads, longest)) {
      case OffloadWork.READY -> {
        if (length == 0) {
          start = i;
        }
        length++;
        return true;
      }
      case OffloadWork.CUT -> {
        return flush() && sendSegments(i);
      }
      default -> {
        if (!flush()) {
          return false;
        }
        current.drop(DropReason.NEEDS_OFFLOAD);
        return true;
      }
    }
  }

  /** Sends one frame now, and does not wait: a copy for a group. */
  boolean sendCopy(Egress to, int i, int longest) {
    int result = current.work.prepare(current.frames, i, to.offloads, longest);
    if (result == OffloadWork.READY) {
      return accepted(to, to.transmit(current.frames, i, 1), i) == 1;
    }
    if (result != OffloadWork.CUT) {
      return false;
    }
    markUsed(to);
    return current.work.count(current.sender, 0, current.work.transmit(to, 0));
  }

  /** Sends the run; false: {@link #firstWaiting} is the first frame that must wait. */
  boolean flush() {
    while (length > 0) {
      int accepted = accepted(egress, egress.transmit(current.frames, start, length), start);
      start += accepted;
      length -= accepted;
      if (accepted == 0) {
        DropReason reason = refused();
        if (reason == null) {
          length = 0;
          return false;
        }
        current.drop(reason);
        start++;
        length--;
      }
    }
    return true;
  }

  private int accepted(Egress by, int frames, int from) {
    held(by, current.frames.takeHolds());
    if (frames > 0) {
      markUsed(by);
      by.progress(current.frames.priority());
      current.progress();
      long bytes = 0;
      for (int i = from; i < from + frames; i++) {
        bytes += current.frames.length(i);
      }
      by.count(frames, bytes);
    }
    return frames;
  }

  /** Sends a frame's segments; false: the frame must wait, and is {@link #firstWaiting}. */
  private boolean sendSegments(int i) {
    int from = current.segmentsDone(i);
    current.startCutting();
    int done = current.work.transmit(egress, from);
    held(egress, current.work.takeHolds());
    if (done > from) {
      markUsed(egress);
      egress.progress(current.frames.priority());
      current.progress();
    }
    if (current.cut(from, done)) {
      return true;
    }
    start = i;
    if (current.work.isExhausted()) {
      return false;
    }
    DropReason reason = refused();
    if (reason == null) {
      return false;
    }
    current.drop(reason);
    return true;
  }

  private void held(Egress by, int count) {
    if (count > 0) {
      by.holds += count;
      holds += count;
      holders |= by.bit;
    }
  }

  /** How often ports hold frames of the burst that ends. */
  int takeHolds() {
    int taken = holds;
    holds = 0;
    return taken;
  }

  /** Which ports hold frames of the burst that ends. */
  long takeHolders() {
    long taken = holders;
    holders = 0;
    return taken;
  }

  /** After the port took nothing: why to drop the frame, or null if it may wait. */
  private DropReason refused() {
    if (egress.failure() != null) {
      return DropReason.UPLINK_FAILED;
    }
    Priority priority = current.frames.priority();
    if (egress.isStalled(priority) || !current.mayWait()) {
      egress.stall(priority);
      return DropReason.UPLINK_FULL;
    }
    return null;
  }

  private void markUsed(Egress by) {
    if (by.used) {
      return;
    }
    by.used = true;
    if (usedCount == used.length) {
      used = Arrays.copyOf(used, usedCount * 2);
    }
    used[usedCount++] = by;
  }

  /** Has the ports make sure of what they accepted; before the sender is told that it is sent. */
  void flushPorts() {
    for (int k = 0; k < usedCount; k++) {
      used[k].used = false;
      used[k].flush();
      used[k] = null;
    }
    usedCount = 0;
    egress = null;
  }

  /**
   * After a failure: forgets the run.
   *
   * @param frame the frame that was being dealt with
   * @return the first that was not sent
   */
  int recover(int frame) {
    int first = length > 0 ? start : frame;
    length = 0;
    flushPorts();
    return first;
  }
}
