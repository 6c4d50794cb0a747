package dev.outboard.engine.vhostuser;

import dev.outboard.engine.forwarding.GuestIdentity;
import dev.outboard.engine.memory.GuestMemory;
import dev.outboard.engine.virtqueue.BadRingException;
import dev.outboard.engine.virtqueue.ReceiveQueue;
import dev.outboard.engine.virtqueue.SplitRing;
import dev.outboard.engine.virtqueue.TransmitQueue;
import dev.outboard.engine.worker.DeviceQueues;

/**
 * Makes queues of what the front-end has said so far. A transmit ring that runs is served even when
 * it is disabled (it is drained then); a receive ring only when it is enabled.
 */
final class QueueBuilder {
  private QueueBuilder() {}

  /** The queues that can be started, perhaps none. */
  static DeviceQueues build(
      Vring receive, Vring transmit, GuestMemory memory, long features, GuestIdentity identity)
      throws ProtocolException {
    boolean receives = receive.isReady() && receive.enabled;
    if (memory == null || (!receives && !transmit.isReady())) {
      return DeviceQueues.NONE;
    }
    int plain = identity.largestPlainFrame();
    try {
      TransmitQueue transmitQueue =
          transmit.isReady()
              ? new TransmitQueue(
                  ring(transmit, memory, features), features, identity.network(), plain)
              : null;
      ReceiveQueue receiveQueue =
          receives ? new ReceiveQueue(ring(receive, memory, features), features, plain) : null;
      return new DeviceQueues(
          memory,
          transmitQueue,
          transmit.enabled,
          transmit.call,
          transmit.kick,
          receiveQueue,
          receive.call,
          receive.kick);
    } catch (BadRingException e) {
      throw new ProtocolException(e.getMessage());
    }
  }

  private static SplitRing ring(Vring vring, GuestMemory memory, long features)
      throws BadRingException {
    return new SplitRing(vring.layout(), memory, features);
  }
}
