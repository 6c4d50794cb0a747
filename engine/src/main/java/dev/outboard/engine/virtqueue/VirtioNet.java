package dev.outboard.engine.virtqueue;

import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.Offloads;
import java.util.ArrayList;
import java.util.List;

/** Numbers of virtio-net (virtio 1.2, sections 5.1.3, 5.1.6 and 6) and what follows from them. */
public final class VirtioNet {
  /** Host handles partial checksums: the driver may leave them unfilled. */
  public static final long CSUM = 1L;

  /** Guest handles partial checksums. */
  public static final long GUEST_CSUM = 1L << 1;

  /** The MTU is in the configuration space. */
  public static final long MTU = 1L << 3;

  /** The MAC address is in the configuration space. */
  public static final long MAC = 1L << 5;

  /** Guest takes TCP over IPv4 super-frames. */
  public static final long GUEST_TSO4 = 1L << 7;

  /** Guest takes TCP over IPv6 super-frames. */
  public static final long GUEST_TSO6 = 1L << 8;

  /** Guest may send TCP over IPv4 super-frames. */
  public static final long HOST_TSO4 = 1L << 11;

  /** Guest may send TCP over IPv6 super-frames. */
  public static final long HOST_TSO6 = 1L << 12;

  /** Received frames may take several buffers. */
  public static final long MRG_RXBUF = 1L << 15;

  /** The link's state is in the configuration space. */
  public static final long STATUS = 1L << 16;

  /** There is a control queue. */
  public static final long CTRL_VQ = 1L << 17;

  /** The driver tells which frames it wants. */
  public static final long CTRL_RX = 1L << 18;

  /** The device may ask the driver to announce itself. */
  public static final long GUEST_ANNOUNCE = 1L << 21;

  /** Several queue pairs. */
  public static final long MQ = 1L << 22;

  /** The driver sets its address by the control queue. */
  public static final long CTRL_MAC_ADDR = 1L << 23;

  /** Descriptors may name a table of descriptors. */
  public static final long INDIRECT_DESC = 1L << 28;

  /** Kicks and calls are asked for by index. */
  public static final long EVENT_IDX = 1L << 29;

  /** vhost-user: protocol features are negotiated. */
  public static final long PROTOCOL_FEATURES = 1L << 30;

  /** The device follows virtio 1.0 or later. */
  public static final long VERSION_1 = 1L << 32;

  /** Queues have the packed layout. */
  public static final long RING_PACKED = 1L << 34;

  /** Buffers are used in the order in which they were made available. */
  public static final long IN_ORDER = 1L << 35;

  /** All that is offered to every guest. */
  public static final long ALWAYS_OFFERED =
      CSUM
          | GUEST_CSUM
          | MAC
          | GUEST_TSO4
          | GUEST_TSO6
          | HOST_TSO4
          | HOST_TSO6
          | MRG_RXBUF
          | INDIRECT_DESC
          | EVENT_IDX
          | STATUS
          | PROTOCOL_FEATURES
          | VERSION_1
          | IN_ORDER;

  private static final String[] NAMES = new String[64];

  static {
    NAMES[0] = "CSUM";
    NAMES[1] = "GUEST_CSUM";
    NAMES[3] = "MTU";
    NAMES[5] = "MAC";
    NAMES[7] = "GUEST_TSO4";
    NAMES[8] = "GUEST_TSO6";
    NAMES[11] = "HOST_TSO4";
    NAMES[12] = "HOST_TSO6";
    NAMES[15] = "MRG_RXBUF";
    NAMES[16] = "STATUS";
    NAMES[17] = "CTRL_VQ";
    NAMES[18] = "CTRL_RX";
    NAMES[21] = "GUEST_ANNOUNCE";
    NAMES[22] = "MQ";
    NAMES[23] = "CTRL_MAC_ADDR";
    NAMES[28] = "INDIRECT_DESC";
    NAMES[29] = "EVENT_IDX";
    NAMES[30] = "PROTOCOL_FEATURES";
    NAMES[32] = "VERSION_1";
    NAMES[34] = "RING_PACKED";
    NAMES[35] = "IN_ORDER";
  }

  private VirtioNet() {}

  /** The names of the feature bits that are set. */
  public static List<String> names(long features) {
    List<String> names = new ArrayList<>();
    for (int bit = 0; bit < 64; bit++) {
      if ((features >>> bit & 1) != 0) {
        names.add(NAMES[bit] == null ? "BIT_" + bit : NAMES[bit]);
      }
    }
    return names;
  }

  /** Size of the header in front of each frame (section 5.1.6). */
  static int headerLength(long features) {
    return (features & (VERSION_1 | MRG_RXBUF)) != 0 ? 12 : 10;
  }

  /** The offloads that a driver with these features takes on what it receives. */
  public static int receiveOffloads(long features) {
    if ((features & GUEST_CSUM) == 0) {
      return 0;
    }
    return Offloads.CHECKSUM
        | ((features & GUEST_TSO4) != 0 ? Offloads.TSO4 : 0)
        | ((features & GUEST_TSO6) != 0 ? Offloads.TSO6 : 0);
  }

  /** The offloads that a driver with these features may ask for on what it sends. */
  static int transmitOffloads(long features) {
    if ((features & CSUM) == 0) {
      return 0;
    }
    return Offloads.CHECKSUM
        | ((features & HOST_TSO4) != 0 ? Offloads.TSO4 : 0)
        | ((features & HOST_TSO6) != 0 ? Offloads.TSO6 : 0);
  }

  /** What {@link #checkedOffload} gives for fields that make no sense. */
  static final long BAD_OFFLOAD = -1;

  /**
   * Checks the offload fields of a frame that a guest sends, against the frame's size and what its
   * driver has agreed to, and clears what has no meaning.
   *
   * @param fields the first eight bytes of the virtio-net header, as {@link FrameBurst#offload}
   * @param checksumOffset the next two bytes
   * @param length of the frame
   * @param allowed what the driver may ask for
   * @return the fields to pass on, or {@link #BAD_OFFLOAD}
   */
  static long checkedOffload(long fields, int checksumOffset, int length, int allowed) {
    int kind = (int) (fields >>> 8) & 0xff;
    boolean checksum = (fields & FrameBurst.NEEDS_CHECKSUM) != 0;
    if (!checksum) {
      return kind == FrameBurst.GSO_NONE ? 0 : BAD_OFFLOAD;
    }
    int start = (int) (fields >>> 48) & 0xffff;
    if ((allowed & Offloads.CHECKSUM) == 0
        || start < ETHERNET_HEADER
        || start + checksumOffset + 2 > length) {
      return BAD_OFFLOAD;
    }
    if (kind == FrameBurst.GSO_NONE) {
      return (long) start << 48 | FrameBurst.NEEDS_CHECKSUM;
    }
    int needed =
        switch (kind) {
          case FrameBurst.GSO_TCPV4 -> Offloads.TSO4;
          case FrameBurst.GSO_TCPV6 -> Offloads.TSO6;
          default -> 0;
        };
    int segmentSize = (int) (fields >>> 32) & 0xffff;
    int headerLength = (int) (fields >>> 16) & 0xffff;
    if ((allowed & needed) == 0
        || segmentSize == 0
        || checksumOffset != TCP_CHECKSUM_OFFSET
        || start + TCP_HEADER > length
        || headerLength > length) {
      return BAD_OFFLOAD;
    }
    return fields & ~0xfeL;
  }

  /**
   * Whether a guest may see the offload fields of a frame that a transport has brought: nothing is
   * set that has no name, and what they point to lies within the frame. Whether they are those of
   * its headers, who does the work finds out.
   *
   * @param fields as {@link FrameBurst#offload}
   * @param length of the frame
   */
  public static boolean areSound(long fields, int checksumOffset, int length) {
    if (fields == 0) {
      return checksumOffset == 0;
    }
    int kind = (int) (fields >>> 8) & 0xff;
    int start = (int) (fields >>> 48) & 0xffff;
    return (fields & 0xff) == FrameBurst.NEEDS_CHECKSUM
        && start >= ETHERNET_HEADER
        && checksumOffset >= 0
        && checksumOffset <= length - start - Short.BYTES
        && (kind == FrameBurst.GSO_NONE || isSuperFrame(fields, kind, length));
  }

  private static boolean isSuperFrame(long fields, int kind, int length) {
    int headerLength = (int) (fields >>> 16) & 0xffff;
    int segmentSize = (int) (fields >>> 32) & 0xffff;
    return headerLength <= length
        && segmentSize > 0
        && (kind == FrameBurst.GSO_TCPV4
            || kind == FrameBurst.GSO_TCPV6
            || kind == FrameBurst.GSO_UDP_L4);
  }

  private static final int ETHERNET_HEADER = 14;
  private static final int TCP_CHECKSUM_OFFSET = 16;
  private static final int TCP_HEADER = 20;
}
