package dev.outboard.integration.compare;

import java.util.List;

/**
 * A sidecar to be started: where, and what its configuration says. Immutable.
 *
 * @param name what messages call it
 * @param folder where its files are, in the comparison's directory
 * @param network the first words of its command, which bring it into its network
 * @param config its configuration
 * @param uplink what its guests have a port of; null: they have none of their own
 */
public record SidecarPlan(
    String name, String folder, List<String> network, String config, String uplink) {
  private static final String UPLINK = "way";

  /** The one of both guests. */
  static SidecarPlan oneHost(Arm arm, Cpus cpus) {
    String config = worker(cpus.second());
    if (arm == Arm.TUNTAP) {
      config += "uplinks: {" + UPLINK + ": {transport: tuntap}}\n";
    }
    return new SidecarPlan(
        "sidecar of arm " + arm.label(),
        arm.label(),
        Child.NEW_NETWORK,
        config,
        arm == Arm.TUNTAP ? UPLINK : null);
  }

  /** That of the guest on one of two hosts, which has a processor for guest and worker together. */
  static SidecarPlan twoHosts(Arm arm, DpdkDriver dpdk, TwoHosts hosts, int host, Cpus cpus) {
    String id = Guests.BOTH.get(host).id();
    String config = worker(host == 0 ? cpus.first() : cpus.second());
    config +=
        switch (arm) {
          case IOURING -> vxlan(host, "transport: iouring, address: " + TwoHosts.address(host));
          case DPDK ->
              vxlan(
                  host,
                  "transport: dpdk, device: '%s', address: %s, mtu: %d"
                      .formatted(
                          dpdk.device(TwoHosts.LINK),
                          TwoHosts.address(host) + TwoHosts.PREFIX,
                          TwoHosts.LINK_MTU));
          default -> bridged();
        };
    return new SidecarPlan(
        "sidecar of arm " + arm.label() + " on host " + id,
        arm.label() + "-" + id,
        hosts.network(host).enter(),
        config,
        arm == Arm.TUNTAP ? UPLINK : null);
  }

  private static String bridged() {
    return "uplinks: {%s: {transport: tuntap, bridge.device: %s}}\n"
        .formatted(UPLINK, TwoHosts.LINK);
  }

  private static String vxlan(int host, String uplink) {
    Guests.Guest far = Guests.BOTH.get(1 - host);
    return """
            uplinks: {%s: {%s}}
            remotes:
              - {id: %s, network: 1, mac: '%s', addresses: [%s], uplink: %s, endpoint: %s}
            """
        .formatted(
            UPLINK, uplink, far.id(), far.mac(), far.address(), UPLINK, TwoHosts.address(1 - host));
  }

  private static String worker(int cpu) {
    return "workers: 1\ncpus: [" + cpu + "]\n";
  }
}
