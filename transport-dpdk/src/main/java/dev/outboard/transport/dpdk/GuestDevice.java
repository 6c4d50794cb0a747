package dev.outboard.transport.dpdk;

import dev.outboard.spi.TransportContext;
import dev.outboard.transport.dpdk.ffi.Device;

/**
 * A device that one guest at a time has for itself: a virtual function of a NIC, for example. It
 * runs all the time; what changes with the guest is its Ethernet address. Control thread, where not
 * said.
 */
final class GuestDevice implements AutoCloseable {
  private final OpenDevice open;
  private final DeviceKeeper keeper;
  private final TransmitQueues.Queue queue;
  private String guest;

  GuestDevice(TransportContext context, OpenDevice open) {
    this.open = open;
    keeper = new DeviceKeeper(context, open.device());
    queue = new TransmitQueues(1, 1, false).of(0);
  }

  OpenDevice open() {
    return open;
  }

  Device device() {
    return open.device();
  }

  /** Any thread. */
  TransmitQueues.Queue queue() {
    return queue;
  }

  /** Any thread. */
  String failure() {
    return keeper.failure();
  }

  boolean isFree() {
    return guest == null && keeper.failure() == null;
  }

  /** Who has it, or null. */
  String guest() {
    return guest;
  }

  /**
   * A guest has it from now on. What the former one was sent is thrown away; a device that can't
   * have the guest's address receives all frames, of which the port takes its own.
   */
  void enter(String itsId, long mac) {
    guest = itsId;
    open.drain();
    boolean _ = open.device().setAddress(mac);
  }

  /** It may be another's. */
  void leave() {
    guest = null;
  }

  @Override
  public void close() {
    keeper.close();
    open.close();
  }
}
