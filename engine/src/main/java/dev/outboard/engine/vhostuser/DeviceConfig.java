package dev.outboard.engine.vhostuser;

import dev.outboard.engine.forwarding.GuestIdentity;

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
  static final int MAX_READ = 256;

  private static final int LINK_UP = 1;
  private static final int QUEUE_PAIRS = 1;

  private DeviceConfig() {}

  /** The whole space, long enough for any read. */
  static byte[] bytes(GuestIdentity identity) {
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
