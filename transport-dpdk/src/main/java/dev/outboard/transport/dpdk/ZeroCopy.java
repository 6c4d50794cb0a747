package dev.outboard.transport.dpdk;

import dev.outboard.transport.dpdk.ffi.Device;
import dev.outboard.transport.dpdk.ffi.DeviceInfo;
import dev.outboard.transport.dpdk.ffi.DeviceName;
import dev.outboard.transport.dpdk.ffi.DpdkException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Whether a device may send payload from where it lies in guests' memory. Control thread. */
final class ZeroCopy {
  /** What users say of it. */
  enum Wish {
    /** Payload is copied. */
    OFF,
    /** It is sent from where it lies; where that can't be, the uplink is refused. */
    ON,
    /** It is, where that can be. */
    AUTO;

    static Optional<Wish> of(String text) {
      for (Wish wish : values()) {
        if (wish.toString().equals(text)) {
          return Optional.of(wish);
        }
      }
      return Optional.empty();
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final String RING = "net_ring";

  /** It looks at nothing of a packet, and does not say so in all versions. */
  private static final String NOTHING = "net_null";

  /** Drivers that read packets by their addresses, and are done with them when the call returns. */
  private static final Set<String> READERS =
      Set.of("net_af_packet", "net_memif", NOTHING, "net_pcap", "net_tap");

  private ZeroCopy() {}

  /** Whether a device that is not started yet is to be prepared for it. */
  static boolean isMeant(DeviceName name, DeviceInfo info, UplinkSettings settings)
      throws DpdkException {
    if (settings.zeroCopy() == Wish.OFF) {
      return false;
    }
    Optional<String> obstacle = obstacle(name, info, settings);
    if (obstacle.isPresent()) {
      refuse(settings, obstacle.get());
    }
    return obstacle.isEmpty();
  }

  /** What a device that runs may read, or null. */
  static ReadableMemory memory(Device device, UplinkSettings settings) throws DpdkException {
    if (!device.name().isOnBus()) {
      return new ReadableMemory(ReadableMemory.BY_PROCESSOR);
    }
    if (!device.canLetGo(0)) {
      refuse(settings, "the driver of %s can't be asked what it has sent".formatted(device.name()));
      return null;
    }
    return new ReadableMemory(new BusAccess(device));
  }

  private static void refuse(UplinkSettings settings, String obstacle) throws DpdkException {
    if (settings.zeroCopy() == Wish.ON) {
      throw new DpdkException("zero-copy: on is not possible: " + obstacle);
    }
  }

  private static Optional<String> obstacle(
      DeviceName name, DeviceInfo info, UplinkSettings settings) {
    if (settings.perGuest()) {
      return Optional.of("guests' own ports are given no frames that they may hold");
    }
    String driver = info.driver();
    if (settings.address().contains(":")) {
      return Optional.of("VXLAN over IPv6 has a checksum over all, which is summed here");
    }
    if (driver.equals(RING)) {
      return Optional.of(
          "%s hands packets on to who receives them, for as long as that one likes"
              .formatted(name));
    }
    if (!info.canSend(DeviceInfo.SEGMENTS) && !driver.equals(NOTHING)) {
      return Optional.of("%s takes no packets of several pieces".formatted(name));
    }
    if (name.argument("zero-copy").equals("yes")) {
      return Optional.of("with zero-copy=yes %s sends DPDK's own memory only".formatted(name));
    }
    if (name.isOnBus()) {
      return BusAccess.obstacle();
    }
    return READERS.contains(driver)
        ? Optional.empty()
        : Optional.of("it is not known of %s that it may".formatted(driver));
  }
}
