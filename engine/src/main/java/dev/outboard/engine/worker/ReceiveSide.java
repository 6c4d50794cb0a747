package dev.outboard.engine.worker;

import dev.outboard.engine.virtqueue.ReceiveQueue;

/**
 * One receive queue of a started device with its doorbells. Built by the control thread, used by
 * any worker that delivers there; what is not final by the holder of the queue's lock.
 */
public final class ReceiveSide {
  static final ReceiveSide[] NONE = {};

  /** The number of its queue pair, from 0. */
  final int pair;

  final ReceiveQueue queue;
  final CallLine call;
  final int kick;

  /** Nobody waits for its buffers any more, until it takes a frame again. */
  boolean stalled;

  /**
   * A queue and its lines.
   *
   * @param pair the number of its queue pair
   * @param call how to tell the driver of frames, or null
   * @param kick the fd that tells of receive buffers, or -1
   */
  public ReceiveSide(int pair, ReceiveQueue queue, CallLine call, int kick) {
    this.pair = pair;
    this.queue = queue;
    this.call = call;
    this.kick = kick;
  }
}
