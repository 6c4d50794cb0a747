package dev.outboard.transport.dpdk.ffi;

import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.LinuxException;
import dev.outboard.linux.OpenDescriptors;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/**
 * The descriptors by which some drivers use an interface of the kernel. DPDK does not tell them, so
 * those that are new after the device was made are taken for its own. Frames make its sockets
 * readable, which can wake a worker. Under EAL's lock.
 *
 * <p>The af_xdp driver of DPDK 22.11, or libxdp below it, leaves its socket, its program and its
 * map open when it is closed, and the kernel gives the interface's queue to no other while the
 * socket is; so what is left is closed here.
 */
final class DeviceSockets {
  private static final String BPF = "anon_inode:bpf-";

  private final int domain;
  private final Map<Integer, String> before;
  private final Map<Integer, String> own = new TreeMap<>();
  private final Map<Integer, String> others = new TreeMap<>();

  private DeviceSockets(int domain) {
    this.domain = domain;
    before = open();
  }

  /** Before the device is made. */
  static DeviceSockets before(DeviceName name) {
    int domain =
        name.name().startsWith("net_af_xdp")
            ? OpenDescriptors.XDP
            : name.name().startsWith("net_af_packet") ? OpenDescriptors.PACKET : 0;
    return new DeviceSockets(domain);
  }

  private Map<Integer, String> open() {
    Map<Integer, String> open = new TreeMap<>();
    try {
      if (domain != 0) {
        open.putAll(OpenDescriptors.sockets(domain));
      }
      if (domain == OpenDescriptors.XDP) {
        open.putAll(OpenDescriptors.named(BPF));
      }
    } catch (LinuxException e) {
      open.clear(); // workers sleep by the clock then
    }
    return open;
  }

  /** The device runs. */
  void find() {
    own.putAll(open());
    own.entrySet().removeAll(before.entrySet());
  }

  /** Descriptors that become readable when frames arrive. */
  Collection<Integer> readable() {
    return own.entrySet().stream()
        .filter(entry -> !entry.getValue().startsWith(BPF))
        .map(Map.Entry::getKey)
        .toList();
  }

  /** The device is about to be closed, for which libxdp opens its program once more. */
  void beforeClose() {
    others.clear();
    others.putAll(open());
    others.keySet().removeAll(own.keySet());
  }

  /** The device is closed. */
  void closeLeft() {
    own.clear();
    own.putAll(open());
    own.keySet().removeAll(others.keySet());
    if (domain == OpenDescriptors.XDP) {
      own.keySet().forEach(FileDescriptors::close);
    }
    own.clear();
  }
}
