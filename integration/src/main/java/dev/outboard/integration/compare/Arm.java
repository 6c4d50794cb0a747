package dev.outboard.integration.compare;

import dev.outboard.integration.UserException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** One of the ways that are compared. Immutable; called by the command line and this package. */
public enum Arm {
  /** Shared memory through a sidecar. */
  LOCAL("vhost-user", Layout.TOGETHER, null),
  /** A sidecar on each host, Ethernet in VXLAN over UDP between them. */
  IOURING("vhost-user", null, Layout.SHARING),
  /** A sidecar on each host, frames over connections of TCP between them. */
  KERNEL_TCP("vhost-user", null, Layout.SHARING),
  /** The same, and they are encrypted. */
  KERNEL_TCP_TLS("vhost-user", null, Layout.SHARING),
  /** A sidecar on each host, with a device that DPDK drives past the kernel's stack. */
  DPDK("vhost-user", null, Layout.SHARING),
  /** A sidecar, its TAPs and a bridge. */
  TUNTAP("vhost-user", Layout.TOGETHER, Layout.SHARING),
  /** The legacy baseline: each VMM has a TAP on a bridge, and there is no sidecar. */
  VMM_TAP("vmm-tap", Layout.VMMS, Layout.VMMS),
  /** Two plain processes in two namespaces. */
  HOST("host", Layout.PROCESSES, Layout.PROCESSES);

  /** Which thread is on which processor. */
  private static final class Layout {
    static final String TOGETHER =
        "both guests in one thread on CPU %1$d, the sidecar's worker on CPU %2$d";
    static final String SHARING =
        "a guest and its sidecar's worker on CPU %1$d, the other guest and worker on CPU %2$d";
    static final String VMMS =
        "a guest and its VMM in one thread on CPU %1$d, the other guest and VMM on CPU %2$d";
    static final String PROCESSES = "a process on CPU %1$d, the other on CPU %2$d";

    private Layout() {}
  }

  private final String load;
  private final String oneHost;
  private final String twoHosts;

  /** A layout of null: it is no way between guests that are so. */
  Arm(String load, String oneHost, String twoHosts) {
    this.load = load;
    this.oneHost = oneHost;
    this.twoHosts = twoHosts;
  }

  /** The name users see. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** What the load's process calls it. */
  String load() {
    return load;
  }

  boolean hasSidecar() {
    return load.equals("vhost-user");
  }

  /** Whether its sidecars speak to each other by the hosts' own addresses. */
  boolean hasAddresses() {
    return this == IOURING || this == KERNEL_TCP || this == KERNEL_TCP_TLS;
  }

  boolean hasTaps() {
    return this == TUNTAP || this == VMM_TAP;
  }

  /** Which thread is on which processor. */
  String layout(Topology topology, Cpus cpus) {
    return String.format(Locale.ROOT, layout(topology), cpus.first(), cpus.second());
  }

  private String layout(Topology topology) {
    return topology == Topology.ONE_HOST ? oneHost : twoHosts;
  }

  /** All that join guests which are so, as a user would name them. */
  public static List<String> all(Topology topology) {
    return Arrays.stream(values())
        .filter(arm -> arm.layout(topology) != null)
        .map(Arm::label)
        .toList();
  }

  /** Reads names as users write them; refuses unknown and repeated ones, and the wrong topology. */
  public static List<Arm> parse(Topology topology, List<String> names) throws UserException {
    List<Arm> arms = new ArrayList<>();
    for (String name : names) {
      Arm arm =
          Arrays.stream(values())
              .filter(known -> known.label().equals(name))
              .findFirst()
              .orElseThrow(
                  () -> UserException.input("unknown arm '" + name + "'; known: " + known(), null));
      if (arms.contains(arm)) {
        throw UserException.input("arm '" + name + "' is named twice", null);
      }
      if (arm.layout(topology) == null) {
        String where = topology == Topology.ONE_HOST ? "only between two hosts" : "within one host";
        throw UserException.input(
            "arm '%s' is %s; arms of topology %s: %s"
                .formatted(name, where, topology.label(), String.join(", ", all(topology))),
            null);
      }
      arms.add(arm);
    }
    return arms;
  }

  private static String known() {
    return Arrays.stream(values()).map(Arm::label).collect(Collectors.joining(", "));
  }
}
