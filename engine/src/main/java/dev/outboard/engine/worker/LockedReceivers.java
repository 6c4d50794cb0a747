package dev.outboard.engine.worker;

import dev.outboard.engine.virtqueue.ReceiveQueue;
import dev.outboard.engine.virtqueue.TransmitQueue;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Set;

/**
 * The receive queues that one burst touches: locked when first touched, published and unlocked
 * together at its end, behind one full fence for all of them. Nobody waits for a lock: one that is
 * held ends the burst like a full ring. One per worker, used by its thread.
 */
final class LockedReceivers {
  private static final int MOST = TransmitQueue.BURST + 2;

  private final Calls calls;
  private final GuestDevice[] guests = new GuestDevice[MOST];
  private final ReceiveSide[] sides = new ReceiveSide[MOST];
  private int count;

  /** Whether {@link #show} had something to show since the last {@link #publish}. */
  private boolean shown;

  LockedReceivers(Calls calls) {
    this.calls = calls;
  }

  /** A guest's queue for this burst, or null if another worker delivers there just now. */
  ReceiveQueue lock(GuestDevice guest, ReceiveSide side) {
    for (int k = count - 1; k >= 0; k--) {
      if (sides[k] == side) {
        return side.queue;
      }
    }
    if (count == MOST || !side.queue.tryLock()) {
      return null;
    }
    guests[count] = guest;
    sides[count++] = side;
    return side.queue;
  }

  /** Shows the receivers what they have got, as soon as it is there; {@link #publish} follows. */
  void show() {
    for (int k = 0; k < count; k++) {
      shown |= sides[k].queue.ring().publish();
    }
  }

  /**
   * Shows all rings of this burst what was done, finds out who wants to be called, and unlocks.
   * What was received is shown before what was sent: killed between the two, a burst is repeated,
   * never lost.
   *
   * <p>Theory of operation. This process may be killed between any two of the stores. So the frames
   * are shown to their receivers before the sender is told that they are sent: a kill in between
   * leaves the burst in the transmit ring, and the next process sends it once more. The other way
   * round it would be lost. The stores are releases, so every processor sees them in this order;
   * one full fence behind all of them, before the first look at who wants to be called, is enough.
   *
   * @param sender whose burst it was
   * @param transmit the queue it came from, or null
   */
  void publish(GuestDevice sender, TransmitSide transmit) {
    show();
    boolean published = shown;
    shown = false;
    published |= transmit != null && transmit.queue.ring().publish();
    if (published) {
      VarHandle.fullFence();
      if (transmit != null && transmit.queue.ring().wantsCall()) {
        calls.add(sender, transmit.call);
      }
    }
    for (int k = 0; k < count; k++) {
      ReceiveQueue receive = sides[k].queue;
      if (receive.ring().wantsCall()) {
        calls.add(guests[k], sides[k].call);
      }
      String broken = receive.ring().broken();
      receive.unlock();
      if (broken != null) {
        guests[k].events.broken("receive queue: " + broken);
      }
      guests[k] = null;
      sides[k] = null;
    }
    count = 0;
  }

  /**
   * After a failure: shows what was delivered, calls, and unlocks whatever this thread holds, also
   * what it had no time to write down.
   *
   * @param failed whose memory must not be touched any more
   * @param frame the frame that was being dealt with
   * @return how many were delivered, from that one on
   */
  int recover(Set<GuestDevice> suspects, Set<GuestDevice> failed, int frame) {
    int delivered = 0;
    for (GuestDevice guest : suspects) {
      DeviceQueues queues = guest.queues();
      for (int i = 0; i < queues.receiveCount(); i++) {
        ReceiveSide side = queues.receive(i);
        if (side.queue.isHeldHere()) {
          delivered += giveBack(guest, side, !failed.contains(guest), frame);
        }
      }
    }
    Arrays.fill(guests, null);
    Arrays.fill(sides, null);
    count = 0;
    shown = false;
    return delivered;
  }

  private int giveBack(GuestDevice guest, ReceiveSide side, boolean well, int frame) {
    int delivered = 0;
    if (well) {
      delivered = side.queue.recover(frame);
      boolean _ = side.queue.ring().publish();
      calls.add(guest, side.call);
    } else {
      side.queue.abandon();
    }
    side.queue.unlock();
    return delivered;
  }
}
