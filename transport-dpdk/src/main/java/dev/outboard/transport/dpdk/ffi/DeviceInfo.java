package dev.outboard.transport.dpdk.ffi;

/**
 * What a device says that it can do.
 *
 * @param driver for example {@code net_af_xdp}
 * @param interfaceIndex of the kernel's interface below it, or 0
 * @param maxMtu the largest payload of a frame, or 65,535 if it does not say
 * @param maxReceiveLength the longest frame that it receives, as an unsigned number
 * @param receiveQueues the most that it can have
 * @param transmitQueues the most that it can have
 * @param receiveOffloads bits of {@code RTE_ETH_RX_OFFLOAD_}
 * @param transmitOffloads bits of {@code RTE_ETH_TX_OFFLOAD_}
 * @param rssTypes by what it can spread frames over queues
 * @param mostSegments of a frame to be sent; 0 if it does not say
 */
public record DeviceInfo(
    String driver,
    int interfaceIndex,
    int maxMtu,
    int maxReceiveLength,
    int receiveQueues,
    int transmitQueues,
    long receiveOffloads,
    long transmitOffloads,
    long rssTypes,
    int mostSegments) {
  /** What DPDK fills in for drivers that do not know. */
  private static final int NO_MTU = 0xffff;

  /** Ethernet's header and checksum, which DPDK takes off for drivers that say a length only. */
  private static final int AROUND = 18;

  /** Fills in the checksum of IPv4's header. */
  public static final long IPV4_CHECKSUM = 0x2;

  /** Fills in the checksums of UDP. */
  public static final long UDP_CHECKSUM = 0x4;

  /** Fills in the checksums of TCP. */
  public static final long TCP_CHECKSUM = 0x8;

  /** Cuts TCP segments. */
  public static final long TCP_SEGMENTATION = 0x20;

  /** Several threads may send by one queue at the same time. */
  public static final long LOCK_FREE = 0x4000;

  /** Takes packets of several segments. */
  public static final long SEGMENTS = 0x8000;

  /** Whether it is an interface of the kernel's that the driver makes. */
  public boolean isTap() {
    return driver.equals("net_tap");
  }

  /** The largest payload that it can be configured for, by what DPDK compares it with. */
  public long largestMtu() {
    return maxMtu != NO_MTU ? maxMtu : Integer.toUnsignedLong(maxReceiveLength) - AROUND;
  }

  /** Whether it has all of these transmit offloads. */
  public boolean canSend(long offloads) {
    return (transmitOffloads & offloads) == offloads;
  }
}
