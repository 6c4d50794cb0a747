package dev.outboard.engine.vhostuser;

import dev.outboard.engine.worker.CallLine;
import dev.outboard.linux.FileDescriptors;
import java.io.IOException;

/**
 * Carries out the requests that describe a virtqueue, each on the ring it names. The control
 * thread, while no queue runs.
 *
 * <pre>
 *   NUM, BASE, ENABLE    0 ring, 4 number
 *   ADDR                 0 ring, 4 flags, 8 descriptors, 16 used, 24 avail, 32 log
 *   KICK, CALL, ERR      0 ring (8 bits), bit 8: no fd comes with it
 * </pre>
 */
final class RingRequests {
  private static final int VRING_INDEX = 0xff;
  private static final int VRING_NO_FD = 1 << 8;

  private RingRequests() {}

  static void apply(Request request, MessageSocket message, Device device)
      throws ProtocolException {
    switch (request) {
      case SET_VRING_NUM -> device.ring(message.u32(0)).size = message.u32(4);
      case SET_VRING_BASE -> setBase(message, device.ring(message.u32(0)));
      case SET_VRING_ENABLE -> device.ring(message.u32(0)).enabled = message.u32(4) != 0;
      case SET_VRING_ADDR -> setAddresses(message, device.ring(message.u32(0)));
      case SET_VRING_KICK -> setKick(message, namedByByte(message, device));
      case SET_VRING_CALL -> setCall(message, namedByByte(message, device));
      case SET_VRING_ERR -> setError(message, namedByByte(message, device));
      default -> throw new IllegalArgumentException(request.label());
    }
  }

  private static Vring namedByByte(MessageSocket message, Device device) throws ProtocolException {
    return device.ring((int) message.u64(0) & VRING_INDEX);
  }

  /**
   * Where the ring goes on: for a split ring the lower 16 bits, for a packed one two positions.
   *
   * <p>It is also the word of a driver that begins anew. UML's does without a word of its end:
   * until the next kick fd comes, the old addresses tell of memory that is no ring any more.
   */
  private static void setBase(MessageSocket message, Vring ring) {
    ring.base = message.u32(4);
    ring.started = false;
  }

  private static void setAddresses(MessageSocket message, Vring ring) {
    ring.descriptors = message.u64(8);
    ring.used = message.u64(16);
    ring.avail = message.u64(24);
    ring.addressesKnown = true;
  }

  private static void setKick(MessageSocket message, Vring ring) throws ProtocolException {
    int fd = takeFd(message);
    if (fd >= 0 && FileDescriptors.kind(fd) != FileDescriptors.Kind.EVENTFD) {
      FileDescriptors.closeForeign(fd);
      throw new ProtocolException("a kick fd must be an eventfd");
    }
    ring.setKick(fd);
    ring.started = true;
  }

  private static void setError(MessageSocket message, Vring ring) throws ProtocolException {
    int fd = takeFd(message);
    if (fd >= 0 && FileDescriptors.kind(fd) != FileDescriptors.Kind.EVENTFD) {
      FileDescriptors.closeForeign(fd);
      throw new ProtocolException("an error fd must be an eventfd");
    }
    ring.setError(fd);
  }

  private static void setCall(MessageSocket message, Vring ring) throws ProtocolException {
    int fd = takeFd(message);
    try {
      ring.setCall(fd < 0 ? null : new CallLine(fd));
    } catch (IOException e) {
      throw new ProtocolException(e.getMessage());
    }
  }

  /** The one fd of a message, or -1 where its flags say that there is none. */
  private static int takeFd(MessageSocket message) throws ProtocolException {
    boolean none = (message.u64(0) & VRING_NO_FD) != 0;
    int count = message.fds().count();
    if (count != (none ? 0 : 1)) {
      throw new ProtocolException("a ring message whose flags and file descriptors disagree");
    }
    return none ? -1 : message.fds().take(0);
  }
}
