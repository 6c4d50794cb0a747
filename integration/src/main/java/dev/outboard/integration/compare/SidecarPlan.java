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

  /**
   * That of the guest on one of two hosts, which has a processor for guest and worker together.
   *
   * @param secrets settings of what the sidecars of both hosts prove to each other
   */
  static SidecarPlan twoHosts(
      Arm arm, DpdkDriver dpdk, TwoHosts hosts, int host, Cpus cpus, String secrets) {
    String id = Guests.BOTH.get(host).id();
    String config = worker(host == 0 ? cpus.first() : cpus.second());
    config +=
        switch (arm) {
          case IOURING ->
              reached(
                  host,
                  "transport: iouring, address: " + TwoHosts.address(host),
                  TwoHosts.address(1 - host));
          case KERNEL_TCP, KERNEL_TCP_TLS ->
              reached(
                  host,
                  "transport: kernel-tcp, address: " + TwoHosts.address(host) + secrets,
                  TwoHosts.address(1 - host));
          case DPDK -> dpdk(dpdk, host);
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

  /** The driver af_packet has no room for an envelope around a frame of full size. */
  private static String dpdk(DpdkDriver driver, int host) {
    String device = "transport: dpdk, device: '" + driver.device(TwoHosts.LINK) + "'";
    if (!driver.carriesEnvelopes()) {
      return reached(host, device, "wire");
    }
    String address = TwoHosts.address(host) + TwoHosts.PREFIX;
    return reached(
        host,
        device + ", address: " + address + ", mtu: " + TwoHosts.LINK_MTU,
        TwoHosts.address(1 - host));
  }

  /** An uplink to the other host's guest. */
  private static String reached(int host, String uplink, String endpoint) {
    Guests.Guest far = Guests.BOTH.get(1 - host);
    return """
        uplinks: {%s: {%s}}
        remotes:
          - {id: %s, network: 1, mac: '%s', addresses: [%s], uplink: %s, endpoint: %s}
        """
        .formatted(UPLINK, uplink, far.id(), far.mac(), far.address(), UPLINK, endpoint);
  }

  private static String worker(int cpu) {
    return "workers: 1\ncpus: [" + cpu + "]\n";
  }
}
