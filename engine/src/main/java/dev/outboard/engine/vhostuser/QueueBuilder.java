package dev.outboard.engine.vhostuser;

import dev.outboard.engine.virtqueue.CommandQueue;
import dev.outboard.engine.virtqueue.InflightQueue;
import dev.outboard.engine.virtqueue.ReceiveQueue;
import dev.outboard.engine.virtqueue.TransmitQueue;
import dev.outboard.engine.virtqueue.Virtqueue;
import dev.outboard.engine.worker.DeviceQueues;
import dev.outboard.engine.worker.ReceiveSide;
import dev.outboard.engine.worker.TransmitSide;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes queues of what the front-end has said so far. A transmit ring that runs is served even when
 * it is disabled (it is drained then); a receive ring only when it is enabled and the driver uses
 * its pair. Queue pair n has rings 2n (receive) and 2n + 1 (transmit).
 */
final class QueueBuilder {
  private QueueBuilder() {}

  /** The queues for frames that can be started, perhaps none. */
  static DeviceQueues build(Device device) throws ProtocolException {
    if (device.memory.isEmpty()) {
      return DeviceQueues.NONE;
    }
    List<TransmitSide> transmits = new ArrayList<>();
    List<ReceiveSide> receives = new ArrayList<>();
    int plain = device.identity.largestPlainFrame();
    int network = device.identity.network();
    for (int pair = 0; pair < device.usablePairs(); pair++) {
      Vring receive = device.rings[2 * pair];
      if (receive.isReady() && receive.enabled && pair < device.activePairs()) {
        Virtqueue ring = ring(device, 2 * pair);
        ReceiveQueue queue = new ReceiveQueue(ring, device.features, plain);
        receives.add(new ReceiveSide(pair, queue, receive.call, receive.kick));
      }
      Vring transmit = device.rings[2 * pair + 1];
      if (transmit.isReady()) {
        Virtqueue ring = ring(device, 2 * pair + 1);
        TransmitQueue queue = new TransmitQueue(ring, device.features, network);
        transmits.add(
            new TransmitSide(pair, queue, transmit.enabled, transmit.call, transmit.kick));
      }
    }
    return new DeviceQueues(device.memory, transmits, receives);
  }

  /** The control queue, or null if it can't be started. */
  static CommandQueue buildControl(Device device) throws ProtocolException {
    int index = device.controlRing();
    if (index < 0 || device.memory.isEmpty()) {
      return null;
    }
    Vring vring = device.rings[index];
    if (!vring.isReady() || !vring.enabled) {
      return null;
    }
    if (vring.kick < 0) {
      throw new ProtocolException("the control queue needs a kick fd");
    }
    return new CommandQueue(ring(device, index));
  }

  private static Virtqueue ring(Device device, int index) throws ProtocolException {
    InflightQueue inflight = device.inflight == null ? null : device.inflight.queue(index);
    return device.rings[index].serve(device.memory, device.features, inflight);
  }
}
