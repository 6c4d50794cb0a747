package dev.outboard.engine.vhostuser;

import dev.outboard.engine.forwarding.GuestIdentity;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The configuration space of a network device (virtio 1.2, section 5.1.4), as far as it has a
 * meaning here; the rest reads as zero.
 *
 * <pre>
 *   0 MAC address (6 bytes), 6 status, 8 number of queue pairs
 * </pre>
 */
final class DeviceConfig {
  /** The most bytes of one read, and the highest offset. */
  private static final int MAX_READ = 256;

  /** Offset, size and flags, in front of the bytes. */
  private static final int HEADER = 12;

  private static final int LINK_UP = 1;
  private static final int QUEUE_PAIRS = 1;

  private DeviceConfig() {}

  /**
   * Puts the answer to GET_CONFIG together.
   *
   * @return its size
   */
  static int answer(MessageSocket socket, GuestIdentity identity) throws ProtocolException {
    if (socket.size() < HEADER) {
      throw new ProtocolException("GET_CONFIG with " + socket.size() + " bytes");
    }
    int offset = socket.u32(0);
    int size = socket.u32(4);
    if (size < 0
        || size > MAX_READ
        || offset < 0
        || offset > MAX_READ
        || socket.size() != HEADER + size) {
      throw new ProtocolException("GET_CONFIG with an impossible size or offset");
    }
    MemorySegment reply = socket.reply();
    reply.set(ValueLayout.JAVA_INT_UNALIGNED, 0, offset);
    reply.set(ValueLayout.JAVA_INT_UNALIGNED, 4, size);
    reply.set(ValueLayout.JAVA_INT_UNALIGNED, 8, socket.u32(8));
    MemorySegment.copy(bytes(identity), offset, reply, ValueLayout.JAVA_BYTE, HEADER, size);
    return HEADER + size;
  }

  /** The whole space, long enough for any read. */
  private static byte[] bytes(GuestIdentity identity) {
    byte[] config = new byte[2 * MAX_READ];
    long mac = identity.mac().bits();
    for (int i = 0; i < 6; i++) {
      config[i] = (byte) (mac >>> (40 - 8 * i));
    }
    config[6] = LINK_UP;
    config[8] = QUEUE_PAIRS;
    return config;
  }
}
