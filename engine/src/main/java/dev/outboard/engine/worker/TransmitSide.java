package dev.outboard.engine.worker;

import dev.outboard.engine.virtqueue.TransmitQueue;
import dev.outboard.spi.FrameBurst;

/**
 * One transmit queue of a started device with its doorbells. Built by the control thread; what is
 * not final belongs to the worker that serves it.
 */
public final class TransmitSide {
  static final TransmitSide[] NONE = {};

  /** The number of its queue pair, from 0. */
  final int pair;

  final TransmitQueue queue;

  /** False: what the guest sends here is drained and dropped. */
  final boolean enabled;

  final CallLine call;
  final int kick;

  final HeadOfLine head = new HeadOfLine();

  /** Under which ports may hold its frames, while {@link HeldBursts} knows it. */
  long holdToken = FrameBurst.NO_TOKEN;

  /** How often ports hold frames of its last burst. */
  int holds;

  /**
   * A queue and its lines.
   *
   * @param pair the number of its queue pair
   * @param enabled false: drain it and drop what comes
   * @param call how to tell the driver of used buffers, or null
   * @param kick the fd that tells of frames to send, or -1: look for them without
   */
  public TransmitSide(int pair, TransmitQueue queue, boolean enabled, CallLine call, int kick) {
    this.pair = pair;
    this.queue = queue;
    this.enabled = enabled;
    this.call = call;
    this.kick = kick;
  }
}
