package dev.outboard.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * An address of a network device, as rtnetlink tells it. Private to the package.
 *
 * <pre>
 *   ifaddrmsg   family(1) prefix length(1) flags(1) scope(1) index(4)
 * </pre>
 */
final class DeviceAddress {
  private static final int BODY_SIZE = 8;
  private static final int ADDRESS = 1;
  private static final int LOCAL = 2;
  private static final byte LOOPBACK4 = 127;
  private static final int SIZE4 = 4;

  private final int index;
  private final byte[] address;

  private DeviceAddress(int index, byte[] address) {
    this.index = index;
    this.address = address;
  }

  /** The device's number. */
  int index() {
    return index;
  }

  static DeviceAddress read(MemorySegment message) {
    int at = LinkMessage.HEADER_SIZE;
    byte[] address = {};
    boolean isLocal = false;
    LinkMessage.Attributes a = new LinkMessage.Attributes(message, at + BODY_SIZE);
    while (a.next()) {
      // Of a point-to-point device ADDRESS is the other end, and LOCAL this one.
      if (a.type == LOCAL || (a.type == ADDRESS && !isLocal)) {
        address = a.value.toArray(ValueLayout.JAVA_BYTE);
        isLocal = a.type == LOCAL;
      }
    }
    return new DeviceAddress(message.get(ValueLayout.JAVA_INT_UNALIGNED, at + 4L), address);
  }

  /** Whether this host takes an address for its own by this one; of 127.0.0.0/8 it takes all. */
  boolean covers(byte[] other) {
    boolean bothLoopback =
        address.length == SIZE4
            && other.length == SIZE4
            && address[0] == LOOPBACK4
            && other[0] == LOOPBACK4;
    return bothLoopback || Arrays.equals(address, other);
  }
}
