package dev.outboard.engine.worker;

import dev.outboard.engine.forwarding.DropReason;
import dev.outboard.engine.observation.GuestTraffic;
import dev.outboard.engine.observation.Observer;
import dev.outboard.engine.virtqueue.ReceiveQueue;
import dev.outboard.engine.virtqueue.Scratch;
import dev.outboard.packet.FlowHash;
import dev.outboard.spi.FrameBurst;

/**
 * Gives frames of the current burst to guests of this host. Those that follow each other and are
 * for the same queue go there together, as a run. A queue that has no room is waited for, up to a
 * limit; then it counts as stalled, and frames for it are dropped at once until it takes one again.
 * One per worker, used by its thread.
 */
final class Delivery {
  /** Beside the answers of a receive queue: the burst has had its share of segments. */
  private static final int ITS_SHARE = -1;

  private final CurrentBurst current;
  private final LockedReceivers receivers;
  private final Scratch scratch;
  private final Observer observer;

  /** Whom the run is for, by which queue; where it starts, and how many frames it has. */
  private GuestDevice target;

  private ReceiveSide side;
  private int start;
  private int length;

  /** The first frame that may be in its queue and is not counted as received; or -1. */
  private int uncounted = -1;

  Delivery(CurrentBurst current, LockedReceivers receivers, Scratch scratch, Observer observer) {
    this.current = current;
    this.receivers = receivers;
    this.scratch = scratch;
    this.observer = observer;
  }

  /** Whether frames are collected that were not delivered yet. */
  boolean hasRun() {
    return length > 0;
  }

  /** The first frame that must wait, after a call has said that one must. */
  int firstWaiting() {
    return start;
  }

  /**
   * Adds frames for one guest to the run, or begins another.
   *
   * @param end behind the last
   * @return false if one of them must wait, or one before them
   */
  boolean add(GuestDevice to, int from, int end) {
    DeviceQueues queues = to.queues();
    int count = queues.receiveCount();
    if (count <= 1) {
      return add(to, count == 0 ? null : queues.receive(0), from, end);
    }
    for (int i = from; i < end; i++) {
      if (!add(to, queues.receive(steer(queues, i)), i, i + 1)) {
        return false;
      }
    }
    return true;
  }

  private boolean add(GuestDevice to, ReceiveSide by, int from, int end) {
    if ((to != target || by != side) && !flush()) {
      return false;
    }
    if (length == 0) {
      start = from;
      target = to;
      side = by;
    }
    length += end - from;
    return true;
  }

  /** Delivers the run; false: {@link #firstWaiting} is the first frame that must wait. */
  boolean flush() {
    if (length == 0) {
      return true;
    }
    int end = start + length;
    length = 0;
    int i = start;
    while (true) {
      i = deliverRun(i, end);
      if (i == end) {
        target = null;
        side = null;
        return true;
      }
      if (!deliver(target, i)) {
        start = i;
        return false;
      }
      i++;
    }
  }

  /** Delivers frames that are as nearly all are; returns the first that is not, or the end. */
  private int deliverRun(int from, int end) {
    ReceiveQueue queue = side == null || from == end ? null : receivers.lock(target, side);
    current.frame = from;
    uncounted = from;
    int i = from;
    if (queue != null) {
      i += queue.deliverRun(current.frames, from, end, scratch);
    }
    current.frame = i;
    if (i > from) {
      received(from, i);
    }
    uncounted = -1;
    return i;
  }

  private void received(int from, int end) {
    count(from, end);
    side.stalled = false;
    current.progress();
    GuestTraffic traffic = target.traffic();
    for (int i = from; traffic != null && i < end; i++) {
      observer.received(traffic, current.frames, i);
    }
  }

  private void count(int from, int end) {
    long bytes = 0;
    for (int i = from; i < end; i++) {
      bytes += current.frames.length(i);
    }
    target.counters[side.pair].received(end - from, bytes);
  }

  /**
   * After a failure: forgets the run, and counts what it has delivered of it.
   *
   * @param done the first frame that is not done with
   */
  void recover(int done) {
    length = 0;
    int from = uncounted;
    uncounted = -1;
    if (from >= 0 && done > from) {
      count(from, done);
    }
    target = null;
    side = null;
  }

  /**
   * Deals with one frame.
   *
   * @return false if it must wait
   */
  boolean deliver(GuestDevice target, int i) {
    DeviceQueues queues = target.queues();
    if (queues.receiveCount() == 0) {
      if (current.waitsForReturn && target.isReturning()) {
        return false;
      }
      current.drop(DropReason.DESTINATION_DOWN);
      return true;
    }
    ReceiveSide side = queues.receive(steer(queues, i));
    ReceiveQueue queue = receivers.lock(target, side);
    if (queue == null) {
      return false;
    }
    int longest = target.largestPlainFrame;
    int result =
        switch (current.work.prepare(current.frames, i, queue.offloads(), longest)) {
          case OffloadWork.READY -> deliverWhole(target, side, i);
          case OffloadWork.CUT -> deliverSegments(target, side, i);
          default -> ReceiveQueue.NEEDS_OFFLOAD;
        };
    return result == ReceiveQueue.DELIVERED || (result != ITS_SHARE && refused(side, result));
  }

  private int deliverWhole(GuestDevice target, ReceiveSide side, int i) {
    int result = side.queue.deliver(current.frames, i, scratch);
    if (result == ReceiveQueue.DELIVERED) {
      target.counters[side.pair].received(1, current.frames.length(i));
      side.stalled = false;
      current.progress();
      observe(target, i);
    }
    return result;
  }

  /** Gives the frame to a guest in segments, all or as many as it has room for. */
  private int deliverSegments(GuestDevice target, ReceiveSide side, int i) {
    OffloadWork work = current.work;
    int from = current.segmentsDone(i);
    current.startCutting();
    int done = work.deliver(side.queue, target.counters[side.pair], from);
    if (done > from) {
      side.stalled = false;
      current.progress();
      observe(target, i);
    }
    if (current.cut(from, done)) {
      return ReceiveQueue.DELIVERED;
    }
    return work.answer() == ReceiveQueue.DELIVERED ? ITS_SHARE : work.answer();
  }

  private void observe(GuestDevice target, int i) {
    GuestTraffic traffic = target.traffic();
    if (traffic != null) {
      observer.received(traffic, current.frames, i);
    }
  }

  /** Which of several queues a frame belongs to: always the same one for a flow. */
  private int steer(DeviceQueues queues, int i) {
    int count = queues.receiveCount();
    if (count == 1) {
      return 0;
    }
    FrameBurst frames = current.frames;
    int first = frames.firstFragment(i);
    int hash =
        FlowHash.of(frames.segment(first), frames.offset(first), frames.fragmentLength(first));
    return Integer.remainderUnsigned(hash, count);
  }

  /** False: the frame may go on waiting. */
  private boolean refused(ReceiveSide side, int result) {
    switch (result) {
      case ReceiveQueue.NO_ROOM -> {
        if (side.stalled) {
          current.drop(DropReason.DESTINATION_STALLED);
          return true;
        }
        if (current.mayWait()) {
          return false;
        }
        side.stalled = true;
        current.drop(DropReason.DESTINATION_FULL);
      }
      case ReceiveQueue.NEEDS_OFFLOAD -> current.drop(DropReason.NEEDS_OFFLOAD);
      case ReceiveQueue.TOO_SMALL -> current.drop(DropReason.BUFFER_TOO_SMALL);
      default -> current.drop(DropReason.DESTINATION_DOWN);
    }
    return true;
  }
}
