package dev.outboard.engine.worker;

import dev.outboard.engine.memory.GuestMemory;
import dev.outboard.engine.virtqueue.ReceiveQueue;
import dev.outboard.engine.virtqueue.TransmitQueue;

/**
 * The two queues of a started device with their doorbells, built by the control thread and handed
 * to the guest's worker. A queue whose driver has not started it is null, and so is a line that was
 * not given.
 *
 * @param memory where both lie
 * @param transmitEnabled false: what the guest sends is drained and dropped
 * @param transmitKick the fd that tells of frames to send, or -1: look for them without
 * @param receiveKick the fd that tells of receive buffers, or -1
 */
public record DeviceQueues(
    GuestMemory memory,
    TransmitQueue transmit,
    boolean transmitEnabled,
    CallLine transmitCall,
    int transmitKick,
    ReceiveQueue receive,
    CallLine receiveCall,
    int receiveKick) {

  /** Nothing is started. */
  public static final DeviceQueues NONE =
      new DeviceQueues(null, null, false, null, -1, null, null, -1);

  /** Whether there is anything to serve. */
  public boolean isStarted() {
    return memory != null;
  }
}
