package dev.outboard.transport.dpdk;

import dev.outboard.transport.dpdk.ffi.DpdkException;

/**
 * What a sender sends from. Opened and closed by the control thread.
 *
 * @param ring packets for frames
 * @param room how many bytes each has room for
 * @param waiting frames whose way is not known yet; null where that does not happen
 * @param lent sends payload without a copy; null where it is copied
 * @param longFrames copies the payload of super-frames; null where the device does not cut them
 */
record SendBuffers(
    PacketRing ring, int room, WaitingFrames waiting, LentPayload lent, LongFrames longFrames)
    implements AutoCloseable {
  /** Twice what a device's queue holds, so that its queue is full first. */
  private static final int PACKETS = 2048;

  /**
   * Buffers for a device.
   *
   * @param mtu of the device
   * @param mayWait whether frames may have to wait
   */
  static SendBuffers open(OpenDevice device, int mtu, boolean mayWait, Drops drops)
      throws DpdkException {
    int room = OpenDevice.bufferBytes(mtu);
    int socket = device.device().socket();
    SendBuffers made =
        new SendBuffers(new PacketRing(PACKETS, room, socket), room, null, null, null);
    try {
      if (mayWait) {
        made = made.with(new WaitingFrames(room, socket, drops.unresolved));
      }
      made = made.with(device.lentPayload());
      return made.with(device.longFrames());
    } catch (DpdkException e) {
      made.close();
      throw e;
    }
  }

  private SendBuffers with(WaitingFrames frames) {
    return new SendBuffers(ring, room, frames, lent, longFrames);
  }

  private SendBuffers with(LentPayload payload) {
    return new SendBuffers(ring, room, waiting, payload, longFrames);
  }

  private SendBuffers with(LongFrames frames) {
    return new SendBuffers(ring, room, waiting, lent, frames);
  }

  @Override
  public void close() {
    ring.close();
    if (waiting != null) {
      waiting.close();
    }
    if (lent != null) {
      lent.close();
    }
    if (longFrames != null) {
      longFrames.close();
    }
  }
}
