package dev.outboard.transport.dpdk;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Which transmit queue a worker sends by: one of its own if the device has enough, else one that it
 * shares. A shared one is locked for a burst, and who finds it locked comes again later.
 */
final class TransmitQueues {
  private final Queue[] queues;

  /**
   * The queues of a device.
   *
   * @param lockFree whether several threads may send by a queue at the same time
   */
  TransmitQueues(int count, int workers, boolean lockFree) {
    queues = new Queue[count];
    for (int i = 0; i < count; i++) {
      queues[i] = new Queue(i, workers > count && !lockFree);
    }
  }

  /** The queue of a worker. */
  Queue of(int worker) {
    return queues[worker % queues.length];
  }

  /** A queue; hot. */
  static final class Queue {
    private final int number;
    private final boolean shared;
    private final AtomicBoolean locked = new AtomicBoolean();

    Queue(int number, boolean shared) {
      this.number = number;
      this.shared = shared;
    }

    int number() {
      return number;
    }

    /** Whether the caller may send now; then it says when it has. */
    boolean enter() {
      return !shared || locked.compareAndSet(false, true);
    }

    void leave() {
      if (shared) {
        locked.set(false);
      }
    }
  }
}
