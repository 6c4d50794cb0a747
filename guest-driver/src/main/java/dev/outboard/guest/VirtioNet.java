package dev.outboard.guest;

/**
 * Numbers of the virtio specification that a network driver needs: feature bits and the header in
 * front of each frame. Constants only; any thread.
 */
public final class VirtioNet {
  public static final long CSUM = 1L;
  public static final long GUEST_CSUM = 1L << 1;
  public static final long MTU = 1L << 3;
  public static final long MAC = 1L << 5;
  public static final long GUEST_TSO4 = 1L << 7;
  public static final long GUEST_TSO6 = 1L << 8;
  public static final long HOST_TSO4 = 1L << 11;
  public static final long HOST_TSO6 = 1L << 12;
  public static final long MRG_RXBUF = 1L << 15;
  public static final long STATUS = 1L << 16;
  public static final long CTRL_VQ = 1L << 17;
  public static final long CTRL_RX = 1L << 18;
  public static final long GUEST_ANNOUNCE = 1L << 21;
  public static final long MQ = 1L << 22;
  public static final long CTRL_MAC_ADDR = 1L << 23;
  public static final long INDIRECT_DESC = 1L << 28;
  public static final long EVENT_IDX = 1L << 29;
  public static final long VERSION_1 = 1L << 32;
  public static final long RING_PACKED = 1L << 34;
  public static final long IN_ORDER = 1L << 35;

  /** All checksum and segmentation offloads, both ways. */
  public static final long OFFLOADS =
      CSUM | GUEST_CSUM | GUEST_TSO4 | GUEST_TSO6 | HOST_TSO4 | HOST_TSO6;

  /** What Linux agrees to on one queue pair, unless told otherwise. */
  public static final long USUAL = VERSION_1 | MRG_RXBUF | INDIRECT_DESC | EVENT_IDX | OFFLOADS;

  /** Bytes of the header in front of each frame, with VERSION_1 or MRG_RXBUF. */
  public static final int HEADER_SIZE = 12;

  public static final int HEADER_FLAGS = 0;
  public static final int HEADER_GSO_TYPE = 1;
  public static final int HEADER_LENGTH = 2;
  public static final int HEADER_GSO_SIZE = 4;
  public static final int HEADER_CHECKSUM_START = 6;
  public static final int HEADER_CHECKSUM_OFFSET = 8;
  public static final int HEADER_BUFFERS = 10;

  /** Flag: the checksum field holds the pseudo-header's sum only. */
  public static final int NEEDS_CHECKSUM = 1;

  /** Flag: the device has checked the checksum. */
  public static final int DATA_VALID = 2;

  public static final int GSO_NONE = 0;
  public static final int GSO_TCPV4 = 1;
  public static final int GSO_TCPV6 = 4;

  private VirtioNet() {}
}
