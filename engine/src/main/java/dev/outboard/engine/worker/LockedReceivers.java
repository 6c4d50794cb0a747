package dev.outboard.engine.worker;

import dev.outboard.engine.virtqueue.ReceiveQueue;
import dev.outboard.engine.virtqueue.TransmitQueue;
import java.lang.invoke.VarHandle;

/**
 * The receive queues that one burst touches: locked when first touched, published and unlocked
 * together at its end, behind one full fence for all of them. Nobody waits for a lock: one that is
 * held ends the burst like a full ring. One per worker, used by its thread.
 */
final class LockedReceivers {
  private static final int MOST = TransmitQueue.BURST + 2;

  private final Calls calls;
  private final GuestDevice[] guests = new GuestDevice[MOST];
  private final DeviceQueues[] queues = new DeviceQueues[MOST];
  private int count;
  private boolean lockWasHeld;

  LockedReceivers(Calls calls) {
    this.calls = calls;
  }

  /** A guest's receive queue for this burst, or null: it has none, or {@link #lockWasHeld}. */
  ReceiveQueue lock(GuestDevice guest) {
    lockWasHeld = false;
    for (int k = count - 1; k >= 0; k--) {
      if (guests[k] == guest) {
        return queues[k].receive();
      }
    }
    DeviceQueues now = guest.queues();
    ReceiveQueue queue = now.receive();
    if (queue == null || count == MOST) {
      lockWasHeld = queue != null;
      return null;
    }
    if (!queue.tryLock()) {
      lockWasHeld = true;
      return null;
    }
    guests[count] = guest;
    queues[count++] = now;
    return queue;
  }

  /** Whether the last {@link #lock} failed only because another worker is delivering there. */
  boolean lockWasHeld() {
    return lockWasHeld;
  }

  /**
   * Shows all rings of this burst what was done, finds out who wants to be called, and unlocks.
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
  void publish(GuestDevice sender, TransmitQueue transmit) {
    boolean published = false;
    for (int k = 0; k < count; k++) {
      published |= queues[k].receive().ring().publish();
    }
    published |= transmit != null && transmit.ring().publish();
    if (published) {
      VarHandle.fullFence();
      if (transmit != null && transmit.ring().wantsCall()) {
        calls.add(sender, sender.queues().transmitCall());
      }
    }
    for (int k = 0; k < count; k++) {
      ReceiveQueue receive = queues[k].receive();
      if (receive.ring().wantsCall()) {
        calls.add(guests[k], queues[k].receiveCall());
      }
      String broken = receive.ring().broken();
      receive.unlock();
      if (broken != null) {
        guests[k].events.broken("receive queue: " + broken);
      }
      guests[k] = null;
      queues[k] = null;
    }
    count = 0;
  }

  /** Unlocks without publishing, after a failure in the middle of a burst. */
  void abandon() {
    for (int k = 0; k < count; k++) {
      queues[k].receive().unlock();
      guests[k] = null;
      queues[k] = null;
    }
    count = 0;
  }
}
