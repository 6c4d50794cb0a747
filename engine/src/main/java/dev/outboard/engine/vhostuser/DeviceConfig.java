package dev.outboard.engine.vhostuser;

import dev.outboard.engine.virtqueue.VirtioNet;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The configuration space of a network device (virtio 1.2, section 5.1.4), as far as it has a
 * meaning here; the rest reads as zero.
 *
 * <pre>
 *   0 MAC address (6 bytes), 6 status, 8 number of queue pairs, 10 MTU, 12 speed, 16 duplex
 * </pre>
 */
final class DeviceConfig {
  /** The most bytes of one read, and the highest offset. */
  private static final int MAX_READ = 256;

  /** Offset, size and flags, in front of the bytes. */
  private static final int HEADER = 12;

  private static final int LINK_UP = 1;
  private static final int ANNOUNCE = 2;
  private static final int SPEED = 12;
  private static final byte UNKNOWN = (byte) 0xff;

  private DeviceConfig() {}

  /**
   * Puts the answer to GET_CONFIG together.
   *
   * @return its size
   */
  static int answer(MessageSocket socket, Device device) throws ProtocolException {
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
    MemorySegment.copy(bytes(device), offset, reply, ValueLayout.JAVA_BYTE, HEADER, size);
    return HEADER + size;
  }

  /** The whole space, long enough for any read. */
  private static byte[] bytes(Device device) {
    byte[] config = new byte[2 * MAX_READ];
    long mac = device.identity.mac().bits();
    for (int i = 0; i < 6; i++) {
      config[i] = (byte) (mac >>> (40 - 8 * i));
    }
    config[6] = (byte) (device.announce ? LINK_UP | ANNOUNCE : LINK_UP);
    put16(config, 8, device.pairs);
    if ((device.offeredFeatures() & VirtioNet.MTU) != 0) {
      put16(config, 10, device.identity.mtu());
    }
    for (int i = SPEED; i < SPEED + 5; i++) {
      config[i] = UNKNOWN;
    }
    return config;
  }

  private static void put16(byte[] config, int at, int value) {
    config[at] = (byte) value;
    config[at + 1] = (byte) (value >>> 8);
  }
}
