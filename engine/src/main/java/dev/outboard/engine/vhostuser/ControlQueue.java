package dev.outboard.engine.vhostuser;

import dev.outboard.engine.virtqueue.CommandQueue;
import dev.outboard.engine.virtqueue.VirtioNet;
import dev.outboard.engine.worker.CallLine;
import java.util.Arrays;

/**
 * Carries out what a driver asks for by its control queue (virtio 1.2, section 5.1.6.5), for
 * front-ends that leave that to us. The control thread; a driver that floods the queue gets a few
 * commands at a time, like everybody else there.
 */
final class ControlQueue implements CommandQueue.Handler {
  private static final int BURST = 16;

  private static final int RECEIVE_MODE = 0;
  private static final int MAC = 1;
  private static final int MAC_TABLE = 0;
  private static final int MAC_ADDRESS = 1;
  private static final int ANNOUNCE = 3;
  private static final int MULTIQUEUE = 4;

  /** Class and command, in front of what belongs to it. */
  private static final int HEADER = 2;

  private final CommandQueue queue;
  private final CallLine call;
  private final Device device;
  private int wantedPairs;

  /** A queue that {@link QueueBuilder} has made. */
  ControlQueue(CommandQueue queue, CallLine call, Device device) {
    this.queue = queue;
    this.call = call;
    this.device = device;
  }

  /**
   * Serves some commands; with none left, asks for a kick.
   *
   * @return whether there may be more
   * @throws ProtocolException if the ring is broken
   */
  boolean serve() throws ProtocolException {
    int served = queue.serve(BURST, this);
    if (queue.ring().broken() != null) {
      throw new ProtocolException("control queue: " + queue.ring().broken());
    }
    if (served > 0 && queue.ring().wantsCall() && call != null && !call.ring()) {
      throw new ProtocolException("the call fd can't be written without waiting");
    }
    return served == BURST || queue.ring().armKick();
  }

  /** How many queue pairs the driver has asked for since the last time, or 0. */
  int takeWantedPairs() {
    int pairs = wantedPairs;
    wantedPairs = 0;
    return pairs;
  }

  @Override
  public boolean handle(byte[] command, int length) {
    if (length < HEADER) {
      return false;
    }
    int code = command[1];
    return switch (command[0]) {
      case RECEIVE_MODE -> device.has(VirtioNet.CTRL_RX) && length == HEADER + 1;
      case MAC -> mac(code, command, length);
      case ANNOUNCE -> announced(code);
      case MULTIQUEUE -> pairs(code, command, length);
      default -> false;
    };
  }

  /** Frames are told apart by the declared address; a list of others changes nothing. */
  private boolean mac(int code, byte[] command, int length) {
    if (code == MAC_TABLE) {
      return device.has(VirtioNet.CTRL_RX);
    }
    if (code != MAC_ADDRESS || !device.has(VirtioNet.CTRL_MAC_ADDR) || length != HEADER + 6) {
      return false;
    }
    long address = 0;
    for (byte octet : Arrays.copyOfRange(command, HEADER, length)) {
      address = address << 8 | (octet & 0xff);
    }
    return address == device.identity.mac().bits();
  }

  private boolean announced(int code) {
    if (code != 0 || !device.has(VirtioNet.GUEST_ANNOUNCE)) {
      return false;
    }
    device.announce = false;
    return true;
  }

  private boolean pairs(int code, byte[] command, int length) {
    if (code != 0 || !device.has(VirtioNet.MQ) || length != HEADER + 2) {
      return false;
    }
    int pairs = (command[HEADER] & 0xff) | (command[HEADER + 1] & 0xff) << 8;
    if (pairs == 0 || pairs > device.pairs) {
      return false;
    }
    wantedPairs = pairs;
    return true;
  }
}
