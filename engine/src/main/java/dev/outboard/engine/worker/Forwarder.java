package dev.outboard.engine.worker;

import dev.outboard.engine.forwarding.DropReason;
import dev.outboard.engine.virtqueue.DescriptorChain;
import dev.outboard.engine.virtqueue.PrivateHeaders;
import dev.outboard.engine.virtqueue.ReceiveQueue;
import dev.outboard.engine.virtqueue.TransmitQueue;
import dev.outboard.packet.Ethernet;
import dev.outboard.packet.FlowHash;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.ReceiveSpace;
import dev.outboard.spi.RegionTable;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Set;

/**
 * Moves one burst of one guest to where its frames belong. One per worker, used by its thread.
 *
 * <p>Theory of operation. Frames are dealt with in order. One that its destination refuses ends the
 * burst there: it and all behind it go back to the ring and come again in the next loop, so order
 * is kept and nothing is stored. A frame at the head that was refused for longer than the limit is
 * dropped, and its destination counts as stalled: later frames to it are dropped at once, until it
 * takes one again. So a guest that stops reading holds others up once, for a moment.
 *
 * <p>Receive queues touched by a burst are locked when first touched and published together at its
 * end; see {@link LockedReceivers}.
 */
final class Forwarder {
  private static final int DIRECT_FRAMES = 16;

  /** What a chain, or a segment made of one, costs at least: the smallest Ethernet frame. */
  private static final int LEAST_COST = 64;

  /** Beside the answers of a receive queue: the burst has had its share of segments. */
  private static final int ITS_SHARE = -1;

  private final Directory directory;
  private final long headOfLineNanos;

  private final FrameBurst burst;
  private final PrivateHeaders headers;
  private final DescriptorChain chain = new DescriptorChain();
  private final GroupFrames groups;
  private final MtuGuard mtuGuard;
  private final ReceiveSpace space;

  private final Calls calls;
  private final LockedReceivers receivers;
  private final OffloadWork work;

  /** Whose burst it is, or was last; and the queue it came from. */
  private GuestDevice current;

  private TransmitSide currentSide;
  private int polled;
  private boolean waiting;

  /** The frame that is being dealt with: all before it are done with, or in the run. */
  private int frame;

  /** Where the run of frames for the guest's own port starts, and how many there are. */
  private int runStart;

  private int runLength;

  /** How far the frame that must wait is cut, if that was done in this burst; else -1. */
  private int segmentsHeld;

  /** Whether the frame is just being cut for its receiver. */
  private boolean cutting;

  /** Whether the guest's own port has accepted frames of this burst. */
  private boolean portUsed;

  Forwarder(Directory directory, RegionTable regions, long headOfLineNanos, Calls calls) {
    this.directory = directory;
    this.headOfLineNanos = headOfLineNanos;
    this.calls = calls;
    receivers = new LockedReceivers(calls);
    burst = new FrameBurst(regions, TransmitQueue.BURST, 2 * DescriptorChain.MAX_DESCRIPTORS);
    headers = new PrivateHeaders(regions, TransmitQueue.BURST + 1);
    work = new OffloadWork(regions, headers, chain);
    Replies replies = new Replies(regions, headers, receivers, chain);
    NeighbourAnswers neighbours = new NeighbourAnswers(directory, headers, replies);
    groups = new GroupFrames(burst, neighbours, receivers, work, chain);
    mtuGuard = new MtuGuard(replies);
    space = new ReceiveSpace(regions, DIRECT_FRAMES, 256, DescriptorChain.MAX_DESCRIPTORS);
  }

  /**
   * Forwards what a guest has to send by one of its queues, one burst of it.
   *
   * @param byteLimit the burst ends with the frame that reaches it
   * @return what was taken from the guest costs so many bytes of its budget; 0 if it had nothing;
   *     -1 if it had, but all must wait
   */
  long transmit(GuestDevice guest, TransmitSide side, long byteLimit, long now) {
    TransmitQueue queue = side.queue;
    current = guest;
    currentSide = side;
    frame = 0;
    segmentsHeld = -1;
    work.begin();
    polled = queue.poll(burst, headers, chain, byteLimit);
    if (polled == 0) {
      // A driver that has switched its ring off may have gone, and put its memory to other use.
      if (queue.ring().broken() != null && side.enabled) {
        guest.events.broken("transmit queue: " + queue.ring().broken());
        guest.transmits = TransmitSide.NONE;
      }
      return 0;
    }
    int frames = burst.count();
    int done = side.enabled ? forward(guest, frames, now) : dropAll(guest, frames);
    rememberSegments(done);
    queue.finish(burst, done);
    polled = 0;
    long cost = Math.max(count(guest, queue, done), (long) LEAST_COST * work.segments());
    if (portUsed) {
      // Before the guest is told that its frames are sent: see LockedReceivers.publish.
      portUsed = false;
      guest.port.flush();
    }
    receivers.publish(guest, side);
    waiting = done < frames;
    return cost == 0 ? -1 : cost;
  }

  /** For the next burst, which begins with the first frame that is not done with. */
  private void rememberSegments(int done) {
    if (done == burst.count()) {
      currentSide.segmentsDone = 0;
    } else if (done > 0 || segmentsHeld >= 0) {
      currentSide.segmentsDone = Math.max(0, segmentsHeld);
    }
  }

  /** Whether the last burst had frames that must wait: to try again at once is in vain. */
  boolean isWaiting() {
    return waiting;
  }

  /** Counts what was done with; returns its cost: chains without a frame are not free. */
  private long count(GuestDevice guest, TransmitQueue queue, int done) {
    long bytes = 0;
    for (int i = 0; i < done; i++) {
      bytes += burst.length(i);
    }
    int bad = queue.badChains() + queue.badFrames();
    if (bad != 0) {
      guest.counters.drop(DropReason.BAD_CHAIN, queue.badChains());
      guest.counters.drop(DropReason.BAD_FRAME, queue.badFrames());
    }
    guest.counters.sent(done + bad, bytes);
    return Math.max(bytes, (long) LEAST_COST * (done + bad));
  }

  private static int dropAll(GuestDevice guest, int frames) {
    guest.counters.drop(DropReason.QUEUE_DISABLED, frames);
    return frames;
  }

  /** Returns how many frames are done with. */
  private int forward(GuestDevice guest, int frames, long now) {
    MemorySegment memory = headers.memory();
    int region = headers.region();
    long lastAddress = -1;
    GuestDevice lastTarget = null;
    runLength = 0;
    for (int i = 0; i < frames; i++) {
      frame = i;
      int first = burst.firstFragment(i);
      long at = burst.offset(first);
      assert burst.region(first) == region;
      DropReason bad =
          guest.sourceCheck.examine(memory, at, burst.fragmentLength(first), burst.segmentation(i));
      if (bad == null && burst.length(i) > guest.largestPlainFrame) {
        bad = mtuGuard.isTooBig(guest, burst, i, memory, at) ? DropReason.TOO_BIG : null;
      }
      long address = Ethernet.destination(memory, at);
      GuestDevice target;
      if (bad != null || Ethernet.isGroup(address)) {
        if (!flushRun(guest)) {
          return runStart;
        }
        if (bad != null) {
          reject(guest, bad, i, at, now);
        } else {
          groups.forward(guest, i, at, now);
          portUsed |= guest.port != null;
        }
        continue;
      }
      if (guest.clampsSegments) {
        mtuGuard.clamp(guest, burst, i, memory, at);
      }
      if (address == lastAddress) {
        target = lastTarget;
      } else {
        target = directory.byMac(guest.identity.network(), address);
        lastAddress = address;
        lastTarget = target;
      }
      if (target != null
          && target.domain == guest.domain
          && target.localForwarding
          && guest.localForwarding) {
        if (!flushRun(guest)) {
          return runStart;
        }
        if (!deliver(guest, target, i, at)) {
          return i;
        }
      } else if (!offHost(guest, target, i)) {
        return runStart;
      }
    }
    frame = frames;
    return flushRun(guest) ? frames : runStart;
  }

  private void reject(GuestDevice guest, DropReason reason, int i, long at, long now) {
    guest.counters.drop(reason, 1);
    if (reason == DropReason.SOURCE_MAC) {
      guest.tellWrongMac(Ethernet.sourceAndType(headers.memory(), at) >>> 16);
    } else if (reason == DropReason.TOO_BIG) {
      int available = burst.fragmentLength(burst.firstFragment(i));
      mtuGuard.tell(guest, headers.memory(), at, available, now);
    }
  }

  /** False: the frame must wait. */
  private boolean deliver(GuestDevice guest, GuestDevice target, int i, long at) {
    DeviceQueues queues = target.queues();
    if (queues.receiveCount() == 0) {
      if (target.isReturning()) {
        return false;
      }
      guest.counters.drop(DropReason.DESTINATION_DOWN, 1);
      return true;
    }
    ReceiveQueue queue = receivers.lock(target, queues.receive(steer(queues, i, at)));
    if (queue == null) {
      return false;
    }
    int result =
        switch (work.prepare(burst, i, queue.offloads(), guest.largestPlainFrame)) {
          case OffloadWork.READY -> deliverWhole(target, queue, i);
          case OffloadWork.CUT -> deliverSegments(guest, target, queue, i);
          default -> ReceiveQueue.NEEDS_OFFLOAD;
        };
    if (result == ReceiveQueue.DELIVERED) {
      return true;
    }
    if (result == ITS_SHARE) {
      return false;
    }
    if (refused(guest, target, result)) {
      segmentsHeld = -1;
      return true;
    }
    return false;
  }

  private int deliverWhole(GuestDevice target, ReceiveQueue queue, int i) {
    int result = queue.deliver(burst, i, chain);
    if (result == ReceiveQueue.DELIVERED) {
      target.counters.received(1, burst.length(i));
      target.stalled = false;
      currentSide.blockedSince = 0;
    }
    return result;
  }

  /** Gives the frame to a guest in segments, all or as many as it has room for. */
  private int deliverSegments(GuestDevice guest, GuestDevice target, ReceiveQueue queue, int i) {
    int from = segmentsDone(i);
    cutting = true;
    int done = work.deliver(queue, target.counters, from);
    cutting = false;
    if (done > from) {
      target.stalled = false;
      currentSide.blockedSince = 0;
    }
    if (counted(guest, from, done)) {
      return ReceiveQueue.DELIVERED;
    }
    return work.answer() == ReceiveQueue.DELIVERED ? ITS_SHARE : work.answer();
  }

  /** How far the frame was cut in former bursts, which can be the case for the first only. */
  private int segmentsDone(int i) {
    return i == 0 ? currentSide.segmentsDone : 0;
  }

  /** Counts segments as {@link OffloadWork#count}, and keeps in mind how far that went. */
  private boolean counted(GuestDevice guest, int from, int done) {
    boolean all = work.count(guest.counters, from, done);
    segmentsHeld = all ? -1 : done;
    return all;
  }

  /** Which of several queues a frame belongs to: always the same one for a flow. */
  private int steer(DeviceQueues queues, int i, long at) {
    int count = queues.receiveCount();
    if (count == 1) {
      return 0;
    }
    int hash = FlowHash.of(headers.memory(), at, burst.fragmentLength(burst.firstFragment(i)));
    return Integer.remainderUnsigned(hash, count);
  }

  private boolean refused(GuestDevice guest, GuestDevice target, int result) {
    switch (result) {
      case ReceiveQueue.NO_ROOM -> {
        if (target.stalled) {
          guest.counters.drop(DropReason.DESTINATION_STALLED, 1);
          return true;
        }
        if (mayWait()) {
          return false;
        }
        target.stalled = true;
        guest.counters.drop(DropReason.DESTINATION_FULL, 1);
      }
      case ReceiveQueue.NEEDS_OFFLOAD -> guest.counters.drop(DropReason.NEEDS_OFFLOAD, 1);
      case ReceiveQueue.TOO_SMALL -> guest.counters.drop(DropReason.BUFFER_TOO_SMALL, 1);
      default -> guest.counters.drop(DropReason.DESTINATION_DOWN, 1);
    }
    return true;
  }

  /** Whether the frame at the head may go on waiting; if not, its time starts anew. */
  private boolean mayWait() {
    long now = System.nanoTime();
    if (currentSide.blockedSince == 0) {
      currentSide.blockedSince = now;
      return true;
    }
    if (now - currentSide.blockedSince < headOfLineNanos) {
      return true;
    }
    currentSide.blockedSince = 0;
    return false;
  }

  /** Adds a frame to the run for the guest's port; false: the run could not be sent. */
  private boolean offHost(GuestDevice guest, GuestDevice target, int i) {
    DropReason reason = null;
    if (target != null && target.domain != guest.domain) {
      reason = DropReason.OTHER_TENANT;
    } else if (guest.port == null) {
      reason = DropReason.UNKNOWN_DESTINATION;
    } else {
      switch (work.prepare(burst, i, guest.portOffloads, guest.largestPlainFrame)) {
        case OffloadWork.READY -> {}
        case OffloadWork.CUT -> {
          return flushRun(guest) && sendSegments(guest, i);
        }
        default -> reason = DropReason.NEEDS_OFFLOAD;
      }
    }
    if (reason != null) {
      if (!flushRun(guest)) {
        return false;
      }
      guest.counters.drop(reason, 1);
      return true;
    }
    if (runLength == 0) {
      runStart = i;
    }
    runLength++;
    return true;
  }

  /** Sends a frame's segments by the port; false: the frame must wait, and is {@code runStart}. */
  private boolean sendSegments(GuestDevice guest, int i) {
    int from = segmentsDone(i);
    cutting = true;
    int done = work.transmit(guest.port, from);
    cutting = false;
    if (done > from) {
      portUsed = true;
      guest.portStalled = false;
      currentSide.blockedSince = 0;
    }
    if (counted(guest, from, done)) {
      return true;
    }
    runStart = i;
    if (work.isExhausted()) {
      return false;
    }
    DropReason reason = portRefused(guest);
    if (reason == null) {
      return false;
    }
    guest.counters.drop(reason, 1);
    segmentsHeld = -1;
    return true;
  }

  /** After the port took nothing: why to drop the frame, or null if it may wait. */
  private DropReason portRefused(GuestDevice guest) {
    if (guest.port.failure() != null) {
      return DropReason.UPLINK_FAILED;
    }
    if (guest.portStalled || !mayWait()) {
      guest.portStalled = true;
      return DropReason.UPLINK_FULL;
    }
    return null;
  }

  /** Sends the run; false: {@code runStart} is the first frame that must wait. */
  private boolean flushRun(GuestDevice guest) {
    while (runLength > 0) {
      int accepted = guest.port.transmit(burst, runStart, runLength);
      runStart += accepted;
      runLength -= accepted;
      if (accepted > 0) {
        portUsed = true;
        guest.portStalled = false;
        currentSide.blockedSince = 0;
      } else {
        DropReason reason = portRefused(guest);
        if (reason == null) {
          runLength = 0;
          return false;
        }
        guest.counters.drop(reason, 1);
        runStart++;
        runLength--;
      }
    }
    return true;
  }

  /** Reads from a guest's port straight into its buffers. Returns whether there was anything. */
  boolean receive(GuestDevice guest) {
    DeviceQueues queues = guest.queues();
    guest.portReady = queues.receiveCount() > 0;
    ReceiveQueue queue = guest.portReady ? receivers.lock(guest, queues.receive(0)) : null;
    if (queue == null) {
      return false;
    }
    current = guest;
    currentSide = null;
    boolean roomEnough = queue.offer(space, chain, DIRECT_FRAMES);
    int frames = roomEnough ? guest.directReceive.receive(space, DIRECT_FRAMES) : 0;
    if (frames > 0) {
      long bytes = queue.take(space);
      guest.counters.received(frames, bytes);
      guest.stalled = false;
    } else if (roomEnough) {
      guest.portReady = false;
    } else if (!queue.ring().armKick()) {
      guest.portReady = false;
      guest.portWaitsForBuffers = true;
    }
    receivers.publish(guest, null);
    return frames > 0;
  }

  /** Who was served last, or null: a failure comes in the middle of that or soon after. */
  GuestDevice served() {
    return current;
  }

  /** Which of these guests have memory that fails, with the reason. */
  Map<GuestDevice, String> faults(Set<GuestDevice> suspects) {
    return MemoryFaults.find(suspects, burst, chain);
  }

  /**
   * After a failure: what was done of the burst is completed and shown, the rest goes back to its
   * ring, locks are given back. So a frame between guests that are well is neither lost nor
   * doubled.
   *
   * @param suspects all guests whose queues may have been touched
   * @param failed those of them whose memory must not be touched any more
   */
  void recover(Set<GuestDevice> suspects, Set<GuestDevice> failed) {
    boolean delivered = receivers.recover(suspects, failed, cutting ? work.slot() : frame);
    int done = frame;
    if (runLength > 0) {
      done = runStart;
    } else if (cutting) {
      done += counted(current, segmentsDone(frame), work.done() + (delivered ? 1 : 0)) ? 1 : 0;
    } else if (delivered) {
      done++;
    }
    cutting = false;
    runLength = 0;
    portUsed = false;
    if (current != null && currentSide != null && !failed.contains(current)) {
      TransmitQueue queue = currentSide.queue;
      int frames = queue.recover(burst, done);
      rememberSegments(frames);
      if (polled > 0) {
        count(current, queue, frames);
      }
      if (queue.ring().publish()) {
        calls.add(current, currentSide.call);
      }
    }
    polled = 0;
    current = null;
    currentSide = null;
  }

  /** The guest's queues are not this worker's any more: a failure must not lead back to them. */
  void forget(GuestDevice guest) {
    if (current == guest) {
      current = null;
      currentSide = null;
    }
  }

  /** Gives its memory back; the worker has ended. */
  void close() {
    headers.close();
    work.close();
  }
}
