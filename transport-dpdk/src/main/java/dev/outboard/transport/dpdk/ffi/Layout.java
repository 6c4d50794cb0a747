package dev.outboard.transport.dpdk.ffi;

import java.util.List;
import java.util.Optional;

/**
 * Where the fields are that DPDK's inline functions would use: one row for each version of its
 * binary interface (ABI), all offsets in bytes. A row is for every release of its ABI: DPDK keeps
 * it for a year's releases, and the number is in the names of the libraries.
 *
 * @param abi as in {@code librte_eal.so.23}
 * @param releases that have it
 * @param fastPath the exported table of what is called for each burst
 * @param mbuf a packet's descriptor
 * @param info what a device can do
 * @param configuration what a device is told
 */
record Layout(
    int abi,
    String releases,
    FastPath fastPath,
    Mbuf mbuf,
    DeviceInfo info,
    DeviceConfiguration configuration) {

  /** {@code rte_eth_fp_ops}: an entry for each port. */
  record FastPath(
      int size, int receiveFunction, int receiveQueues, int transmitFunction, int transmitQueues) {}

  /** {@code rte_mbuf}, and {@code rte_mbuf_ext_shared_info}. */
  record Mbuf(
      int size,
      int bufferAddress,
      int busAddress,
      int dataOffset,
      int references,
      int segments,
      int flags,
      int packetLength,
      int dataLength,
      int vlan,
      int bufferLength,
      int pool,
      int next,
      int transmitOffload,
      int sharedInfo,
      int sharedInfoCallBack,
      int sharedInfoReferences) {}

  /** {@code rte_eth_dev_info}. */
  record DeviceInfo(
      int size,
      int driverName,
      int interfaceIndex,
      int maxMtu,
      int maxReceiveLength,
      int maxReceiveQueues,
      int maxTransmitQueues,
      int receiveOffloads,
      int transmitOffloads,
      int rssTypes,
      int receiveDescriptors,
      int transmitDescriptors) {}

  /** {@code rte_eth_conf}. */
  record DeviceConfiguration(
      int size,
      int receiveMode,
      int mtu,
      int receiveOffloads,
      int transmitOffloads,
      int rssTypes,
      int interrupts) {}

  private static final Mbuf MBUF =
      new Mbuf(128, 0, 8, 16, 18, 20, 24, 36, 40, 42, 54, 56, 64, 72, 80, 0, 16);

  private static final FastPath FAST_PATH_23 = new FastPath(128, 0, 24, 64, 88);
  private static final FastPath FAST_PATH = new FastPath(128, 16, 0, 80, 64);

  private static final DeviceInfo INFO_23 =
      new DeviceInfo(376, 8, 16, 22, 36, 44, 46, 72, 80, 112, 262, 272);
  private static final DeviceInfo INFO =
      new DeviceInfo(376, 8, 16, 22, 40, 48, 50, 72, 80, 112, 262, 272);

  private static final DeviceConfiguration CONFIGURATION_23 =
      new DeviceConfiguration(2272, 8, 12, 24, 72, 144, 2264);
  private static final DeviceConfiguration CONFIGURATION =
      new DeviceConfiguration(2280, 8, 12, 24, 72, 144, 2272);

  /** The newest first: so they are looked for. */
  static final List<Layout> ALL =
      List.of(
          new Layout(26, "25.11", FAST_PATH, MBUF, INFO, CONFIGURATION),
          new Layout(25, "24.11 to 25.07", FAST_PATH, MBUF, INFO, CONFIGURATION),
          new Layout(24, "23.11 to 24.07", FAST_PATH, MBUF, INFO, CONFIGURATION),
          new Layout(23, "22.11 to 23.07", FAST_PATH_23, MBUF, INFO_23, CONFIGURATION_23));

  /** The row of an ABI. */
  static Optional<Layout> of(int abi) {
    return ALL.stream().filter(layout -> layout.abi == abi).findFirst();
  }
}
