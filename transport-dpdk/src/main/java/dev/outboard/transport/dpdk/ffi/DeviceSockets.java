package dev.outboard.transport.dpdk.ffi;

import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.LinuxException;
import dev.outboard.linux.Sockets;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/**
 * The sockets by which some drivers use an interface of the kernel. DPDK does not tell them, so
 * those that are new after the device was made are taken for its own: frames make them readable,
 * which can wake a worker. Under EAL's lock.
 *
 * <p>The af_xdp driver of DPDK 22.11 leaves its socket open when it is closed, and the kernel gives
 * the interface's queue to no other while it is; so what is left is closed here.
 */
final class DeviceSockets {
  private final int domain;
  private final Map<Integer, String> before;
  private final Map<Integer, String> own = new TreeMap<>();

  private DeviceSockets(int domain) {
    this.domain = domain;
    before = open();
  }

  /** Before the device is made. */
  static DeviceSockets before(DeviceName name) {
    int domain =
        name.name().startsWith("net_af_xdp")
            ? Sockets.XDP
            : name.name().startsWith("net_af_packet") ? Sockets.PACKET : 0;
    return new DeviceSockets(domain);
  }

  private Map<Integer, String> open() {
    try {
      return domain == 0 ? Map.of() : Sockets.ofDomain(domain);
    } catch (LinuxException e) {
      return Map.of(); // workers sleep by the clock then
    }
  }

  /** The device runs. */
  void find() {
    own.putAll(open());
    own.entrySet().removeAll(before.entrySet());
  }

  /** Descriptors that become readable when frames arrive. */
  Collection<Integer> readable() {
    return own.keySet();
  }

  /** The device is closed. */
  void closeLeft() {
    own.entrySet().retainAll(open().entrySet());
    if (domain == Sockets.XDP) {
      own.keySet().forEach(FileDescriptors::close);
    }
    own.clear();
  }
}
