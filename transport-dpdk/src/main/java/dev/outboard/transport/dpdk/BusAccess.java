package dev.outboard.transport.dpdk;

import dev.outboard.spi.Region;
import dev.outboard.transport.dpdk.ffi.BusMemory;
import dev.outboard.transport.dpdk.ffi.Device;
import java.lang.System.Logger.Level;
import java.util.Optional;

/**
 * A device on a bus reads guests' memory by itself: the kernel keeps the pages, and shows them to
 * the device at the addresses that they have here. Control thread.
 */
final class BusAccess implements ReadableMemory.Access {
  private static final System.Logger LOG = System.getLogger(BusAccess.class.getName());

  private final Device device;
  private boolean told;

  BusAccess(Device device) {
    this.device = device;
  }

  /** What stands in the way on this host, or nothing. */
  static Optional<String> obstacle() {
    return BusMemory.hasVirtualAddresses()
        ? Optional.empty()
        : Optional.of("devices have physical addresses here; switch the IOMMU on");
  }

  @Override
  public boolean open(Region region) {
    long address = region.memory().address();
    long bytes = region.memory().byteSize();
    if ((address | bytes) % region.pageSize() != 0) {
      return false;
    }
    boolean open = BusMemory.show(device, address, bytes, region.pageSize());
    if (!open && !told) {
      told = true;
      LOG.log(
          Level.WARNING,
          "{0} can''t be shown a guest''s memory: frames from there are copied",
          device.name());
    }
    return open;
  }

  @Override
  public void close(Region region) {
    BusMemory.hide(device, region.memory().address(), region.memory().byteSize());
  }
}
