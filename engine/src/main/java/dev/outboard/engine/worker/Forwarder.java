package dev.outboard.engine.worker;

import dev.outboard.engine.forwarding.DropReason;
import dev.outboard.engine.forwarding.Path;
import dev.outboard.engine.observation.GuestTraffic;
import dev.outboard.engine.observation.Observer;
import dev.outboard.engine.virtqueue.DescriptorChain;
import dev.outboard.engine.virtqueue.PrivateHeaders;
import dev.outboard.engine.virtqueue.ReceiveQueue;
import dev.outboard.engine.virtqueue.Scratch;
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
 * is kept and nothing is stored ({@link Delivery} for guests, {@link Departure} for ports). A frame
 * at the head that was refused for longer than the limit is dropped, and its destination counts as
 * stalled: later frames to it are dropped at once, until it takes one again. So a guest that stops
 * reading holds others up once, for a moment.
 *
 * <p>Receive queues touched by a burst are locked when first touched and published together at its
 * end; see {@link LockedReceivers}.
 */
final class Forwarder {
  private static final int DIRECT_FRAMES = 16;

  /** What a chain, or a segment made of one, costs at least: the smallest Ethernet frame. */
  private static final int LEAST_COST = 64;

  private final Directory directory;

  private final FrameBurst burst;
  private final PrivateHeaders headers;
  private final Scratch scratch = new Scratch();
  private final MtuGuard mtuGuard;
  private final ReceiveSpace space;

  private final Calls calls;
  private final LockedReceivers receivers;
  private final OffloadWork work;
  private final CurrentBurst current;
  private final Delivery delivery;
  private final Departure departure;
  private final GroupFrames groups;
  private final Arrivals arrivals;
  private final Observer observer;
  private final HeldBursts heldBursts;
  private SharedUplink[] uplinks = new SharedUplink[0];

  /** Whose burst it is, or was last; and the queue it came from. */
  private GuestDevice served;

  private TransmitSide servedSide;
  private int polled;
  private boolean waiting;

  Forwarder(Directory directory, RegionTable regions, long headOfLineNanos, Calls calls) {
    this.directory = directory;
    this.calls = calls;
    receivers = new LockedReceivers(calls);
    burst = new FrameBurst(regions, TransmitQueue.BURST, 2 * DescriptorChain.MAX_DESCRIPTORS);
    headers = new PrivateHeaders(regions, TransmitQueue.BURST + 2);
    observer = new Observer(headers.memory(), PrivateHeaders.frameStart(TransmitQueue.BURST + 1));
    work = new OffloadWork(regions, headers, scratch);
    current = new CurrentBurst(work, headOfLineNanos);
    delivery = new Delivery(current, receivers, scratch, observer);
    departure = new Departure(current);
    Replies replies = new Replies(regions, headers, receivers, scratch);
    NeighbourAnswers neighbours = new NeighbourAnswers(directory, headers, replies);
    groups = new GroupFrames(current, neighbours, receivers, departure, scratch);
    arrivals = new Arrivals(directory, current, delivery, groups, receivers);
    heldBursts = new HeldBursts(calls);
    mtuGuard = new MtuGuard(replies);
    space = new ReceiveSpace(regions, DIRECT_FRAMES, 256, DescriptorChain.MAX_DESCRIPTORS);
  }

  /** The worker's shared uplinks, by number; an array that changes while frames are not. */
  void setUplinks(SharedUplink[] byNumber) {
    uplinks = byNumber;
    groups.setUplinks(byNumber);
  }

  /**
   * Forwards what a guest has to send by one of its queues, one burst of it.
   *
   * @param share whose queue it is
   * @param byteLimit the burst ends with the frame that reaches it
   * @return what was taken from the guest costs so many bytes of its budget; 0 if it had nothing;
   *     -1 if it had, but all must wait
   */
  long transmit(GuestShare share, TransmitSide side, long byteLimit, long now) {
    GuestDevice guest = share.guest;
    TransmitQueue queue = side.queue;
    if (side.holds > 0) {
      waiting = true;
      return -1;
    }
    served = guest;
    servedSide = side;
    if (!queue.hasWork()) {
      return nothing(share, side);
    }
    current.begin(burst, 0, guest.counters[side.pair], side.head, true);
    polled = queue.poll(burst, headers, scratch, byteLimit);
    if (polled == 0) {
      return nothing(share, side);
    }
    burst.setPriority(guest.priority);
    int frames = burst.count();
    GuestTraffic traffic = guest.traffic();
    long taken = traffic == null ? 0 : System.nanoTime();
    int done = side.enabled ? forward(guest, frames, now) : dropAll(frames);
    if (traffic != null) {
      observer.sent(traffic, side.pair, burst, done, taken);
    }
    receivers.show();
    current.end(done);
    int holds = departure.takeHolds();
    if (holds > 0) {
      heldBursts.hold(side, holds, departure.takeHolders());
      queue.finishLater(burst, done);
    } else {
      queue.finish(burst, done);
    }
    polled = 0;
    long cost = Math.max(count(queue, done), (long) LEAST_COST * work.segments());
    // Before the guest is told that its frames are sent: see LockedReceivers.publish.
    departure.flushPorts();
    receivers.publish(guest, side);
    waiting = done < frames;
    return cost == 0 ? -1 : cost;
  }

  private static long nothing(GuestShare share, TransmitSide side) {
    // A driver that has switched its ring off may have gone, and put its memory to other use.
    String broken = side.queue.ring().broken();
    if (broken != null && side.enabled) {
      share.guest.events.broken("transmit queue: " + broken);
      share.transmits = TransmitSide.NONE;
    }
    return 0;
  }

  /** Whether the last burst had frames that must wait: to try again at once is in vain. */
  boolean isWaiting() {
    return waiting;
  }

  /** Counts what was done with; returns its cost: chains without a frame are not free. */
  private long count(TransmitQueue queue, int done) {
    long bytes = 0;
    for (int i = 0; i < done; i++) {
      bytes += burst.length(i);
    }
    int bad = queue.badChains() + queue.badFrames();
    if (bad != 0) {
      current.sender.drop(DropReason.BAD_CHAIN, queue.badChains());
      current.sender.drop(DropReason.BAD_FRAME, queue.badFrames());
    }
    current.sender.sent(done + bad, bytes);
    return Math.max(bytes, (long) LEAST_COST * (done + bad));
  }

  private int dropAll(int frames) {
    current.sender.drop(DropReason.QUEUE_DISABLED, frames);
    return frames;
  }

  /** Returns how many frames are done with. */
  private int forward(GuestDevice guest, int frames, long now) {
    MemorySegment memory = headers.memory();
    Way way = guest.way();
    int i = 0;
    while (i < frames) {
      if (!delivery.hasRun()) {
        current.frame = i;
      }
      int end = goodToOne(guest, i, frames, memory);
      if (end == i) {
        int waiting = forwardOther(guest, i, memory, now);
        if (waiting >= 0) {
          return waiting;
        }
        i++;
        continue;
      }
      long address = Ethernet.destination(memory, PrivateHeaders.frameStart(i));
      Station station = directory.byMac(guest.identity.network(), address);
      if (station instanceof GuestDevice target
          && target.domain == guest.domain
          && way.localForwarding()
          && target.way().localForwarding()) {
        if (!departure.flush()) {
          return departure.firstWaiting();
        }
        if (!delivery.add(target, i, end)) {
          return delivery.firstWaiting();
        }
      } else if (!delivery.flush()) {
        return delivery.firstWaiting();
      } else {
        for (int k = i; k < end; k++) {
          current.frame = k;
          if (!offHost(guest, way, station, k, memory, PrivateHeaders.frameStart(k))) {
            return departure.firstWaiting();
          }
        }
      }
      i = end;
    }
    if (!delivery.flush()) {
      return delivery.firstWaiting();
    }
    current.frame = frames;
    return departure.flush() ? frames : departure.firstWaiting();
  }

  /** How far frames go on that may be sent and are for one and the same station. */
  private int goodToOne(GuestDevice guest, int from, int end, MemorySegment memory) {
    long address = Ethernet.destination(memory, PrivateHeaders.frameStart(from));
    if (Ethernet.isGroup(address)) {
      return from;
    }
    boolean clamps = guest.clampsSegments;
    for (int i = from; i < end; i++) {
      long at = PrivateHeaders.frameStart(i);
      if (Ethernet.destination(memory, at) != address || refusal(guest, i, memory, at) != null) {
        return i;
      }
      if (clamps) {
        mtuGuard.clamp(guest, burst, i, memory, at);
      }
    }
    return end;
  }

  /** Why a frame must not be sent, or null. */
  private DropReason refusal(GuestDevice guest, int i, MemorySegment memory, long at) {
    int length = burst.length(i);
    int available = Math.min(length, PrivateHeaders.PRIVATE_BYTES);
    DropReason bad = guest.sourceCheck.examine(memory, at, available, burst.segmentation(i));
    if (bad == null
        && length > guest.largestPlainFrame
        && mtuGuard.isTooBig(guest, burst, i, memory, at)) {
      return DropReason.TOO_BIG;
    }
    return bad;
  }

  /** A frame that must not be sent, or is for a group; returns the frame that must wait, or -1. */
  private int forwardOther(GuestDevice guest, int i, MemorySegment memory, long now) {
    if (!delivery.flush()) {
      return delivery.firstWaiting();
    }
    if (!departure.flush()) {
      return departure.firstWaiting();
    }
    current.frame = i;
    long at = PrivateHeaders.frameStart(i);
    DropReason bad = refusal(guest, i, memory, at);
    if (bad == null) {
      groups.forward(guest, i, at, now);
    } else {
      reject(guest, bad, i, at, now);
    }
    return -1;
  }

  private void reject(GuestDevice guest, DropReason reason, int i, long at, long now) {
    current.sender.drop(reason, 1);
    if (reason == DropReason.SOURCE_MAC) {
      guest.tellWrongMac(Ethernet.sourceAndType(headers.memory(), at) >>> 16);
    } else if (reason == DropReason.TOO_BIG) {
      int available = burst.fragmentLength(burst.firstFragment(i));
      mtuGuard.tell(guest, headers.memory(), at, available, now);
    }
  }

  /** Sends a frame by a port; false: it must wait, or one before it. */
  private boolean offHost(
      GuestDevice guest, Way way, Station target, int i, MemorySegment memory, long at) {
    DropReason reason = DropReason.OTHER_TENANT;
    if (target == null || target.domain() == guest.domain) {
      int length = burst.fragmentLength(burst.firstFragment(i));
      RemoteStation remote = target instanceof RemoteStation station ? station : null;
      Path path = way.routes().choose(remote, memory, at, length);
      GuestUplink own = target instanceof GuestDevice other ? common(guest, way, other) : null;
      Egress egress = own != null ? own.egress : path == null ? null : egress(way, path);
      if (egress != null) {
        if (own == null && !path.isOwnPort()) {
          burst.setRoute(i, path.nextHop(), FlowHash.of(memory, at, length));
        }
        if (egress.mayHold) {
          burst.setToken(i, heldBursts.token(guest, servedSide));
        }
        return departure.send(egress, i, guest.largestPlainFrame);
      }
      reason = DropReason.UNKNOWN_DESTINATION;
    }
    if (!departure.flush()) {
      return false;
    }
    current.drop(reason);
    return true;
  }

  /**
   * By which of its ports a guest reaches another of this host that is not to be reached by shared
   * memory, or null: its way, if the other has a port there, else the other's way. So they reach
   * each other while only one of them was swapped.
   */
  private static GuestUplink common(GuestDevice guest, Way way, GuestDevice other) {
    GuestUplink own = way.port();
    if (own != null && other.portOn(own.uplink) != null) {
      return own;
    }
    GuestUplink theirs = other.way().port();
    return theirs == null ? null : guest.portOn(theirs.uplink);
  }

  private Egress egress(Way way, Path path) {
    int number = path.uplink();
    if (number < 0) {
      GuestUplink own = way.port();
      return own != null && own.uplink == ~number ? own.egress : null;
    }
    SharedUplink uplink = number < uplinks.length ? uplinks[number] : null;
    return uplink == null ? null : uplink.egress;
  }

  /** Bursts that ports go on reading. */
  HeldBursts heldBursts() {
    return heldBursts;
  }

  /** Delivers what has come in by a shared uplink. Returns whether there was anything. */
  boolean receive(SharedUplink uplink, long now) {
    forgetServed();
    return arrivals.receive(uplink, now);
  }

  /** Whether a failure came while frames of an uplink were being delivered. */
  boolean isReceiving() {
    return arrivals.isUnderWay();
  }

  /** Reads from a guest's ports straight into its buffers. Returns whether there was anything. */
  boolean receive(GuestShare share) {
    GuestDevice guest = share.guest;
    DeviceQueues queues = guest.queues();
    share.portReady = queues.receiveCount() > 0 && guest.ports().length > 0;
    ReceiveSide side = share.portReady ? queues.receive(0) : null;
    ReceiveQueue queue = side == null ? null : receivers.lock(guest, side);
    if (queue == null) {
      return false;
    }
    served = guest;
    servedSide = null;
    boolean any = false;
    boolean roomEnough = true;
    for (GuestUplink port : guest.ports()) {
      if (roomEnough) {
        roomEnough = queue.offer(space, scratch, DIRECT_FRAMES);
        any |= roomEnough && receive(guest, side, port);
      }
    }
    if (!any && roomEnough) {
      share.portReady = false;
    } else if (!any && !queue.ring().armKick()) {
      share.portReady = false;
      share.portWaitsForBuffers = true;
    }
    receivers.publish(guest, null);
    return any;
  }

  private boolean receive(GuestDevice guest, ReceiveSide side, GuestUplink port) {
    int frames = port.egress.receive(port.port, space, DIRECT_FRAMES);
    if (frames == 0) {
      return false;
    }
    GuestTraffic traffic = guest.traffic();
    if (traffic != null) {
      observer.received(traffic, space);
    }
    long bytes = side.queue.take(space, scratch);
    guest.counters[side.pair].received(frames, bytes);
    port.count(frames);
    side.stalled = false;
    return true;
  }

  /**
   * With nothing else to do: brings the buffers here that the next frames for a guest will take.
   */
  void lookAhead(GuestDevice guest) {
    DeviceQueues queues = guest.queues();
    for (int i = 0; i < queues.receiveCount(); i++) {
      queues.receive(i).queue.lookAhead(scratch);
    }
  }

  /** Who was served last, or null: a failure comes in the middle of that or soon after. */
  GuestDevice served() {
    return arrivals.isUnderWay() ? arrivals.target() : served;
  }

  /** Which of these guests have memory that fails, with the reason. */
  Map<GuestDevice, String> faults(Set<GuestDevice> suspects) {
    return MemoryFaults.find(suspects, burst, scratch);
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
    int delivered = receivers.recover(suspects, failed, current.slot());
    if (arrivals.isUnderWay()) {
      arrivals.recover(delivered);
      forgetServed();
      return;
    }
    boolean unsent = departure.hasRun();
    int done = departure.recover(current.frame);
    if (!unsent && servedSide != null) {
      done += current.recover(delivered);
    }
    delivery.recover(done);
    if (served != null && servedSide != null && !failed.contains(served)) {
      TransmitQueue queue = servedSide.queue;
      int frames = queue.recover(burst, done);
      current.end(frames);
      if (polled > 0) {
        count(queue, frames);
      }
      if (queue.ring().publish()) {
        calls.add(served, servedSide.call);
      }
    }
    forgetServed();
  }

  private void forgetServed() {
    polled = 0;
    served = null;
    servedSide = null;
  }

  /** The guest's queues are not this worker's any more: a failure must not lead back to them. */
  void forget(GuestDevice guest) {
    arrivals.forget(guest);
    if (served == guest) {
      forgetServed();
    }
  }

  /** Gives its memory back; the worker has ended. */
  void close() {
    headers.close();
    work.close();
  }
}
