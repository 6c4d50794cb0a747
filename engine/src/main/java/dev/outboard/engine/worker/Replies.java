package dev.outboard.engine.worker;

import dev.outboard.engine.virtqueue.PrivateHeaders;
import dev.outboard.engine.virtqueue.ReceiveQueue;
import dev.outboard.engine.virtqueue.Scratch;
import dev.outboard.engine.virtqueue.TransmitQueue;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.RegionTable;
import java.lang.foreign.MemorySegment;

/**
 * Frames of our own making that answer what a guest has sent, delivered to it at once; one for
 * which it has no room is forgotten. One per worker, used by its thread.
 */
final class Replies {
  private final PrivateHeaders headers;
  private final LockedReceivers receivers;
  private final Scratch scratch;
  private final FrameBurst reply;

  Replies(RegionTable regions, PrivateHeaders headers, LockedReceivers receivers, Scratch scratch) {
    this.headers = headers;
    this.receivers = receivers;
    this.scratch = scratch;
    reply = new FrameBurst(regions, 1, 1);
  }

  /** The memory in which a reply is put together, from {@link #start} on: 192 bytes. */
  MemorySegment memory() {
    return headers.memory();
  }

  /** Where in it the reply's Ethernet header belongs. */
  long start() {
    return PrivateHeaders.frameStart(TransmitQueue.BURST);
  }

  /** Delivers the reply that has been put together. */
  void send(GuestDevice to, int bytes) {
    reply.clear();
    reply.addFragment(headers.region(), start(), bytes);
    reply.endFrame(to.identity.network(), bytes, 0, 0);
    DeviceQueues queues = to.queues();
    if (queues.receiveCount() == 0) {
      return;
    }
    ReceiveSide side = queues.receive(0);
    ReceiveQueue queue = receivers.lock(to, side);
    if (queue != null && queue.deliver(reply, 0, scratch) == ReceiveQueue.DELIVERED) {
      to.counters[side.pair].received(1, bytes);
    }
  }
}
