package dev.outboard.lab;

import java.util.List;
import java.util.Map;

/**
 * A station on another host that is all the Linux kernel's: its {@code vxlan} device, with the
 * addresses of a guest, in the network of that host. Nothing of it is ours, so it shows what others
 * understand of what we send, and we of what others send.
 */
public final class KernelVxlan implements AutoCloseable {
  private static final String DEVICE = "vxlan0";

  private final Namespace host;
  private final Process server;

  private KernelVxlan(Namespace host, Process server) {
    this.host = host;
    this.server = server;
  }

  /**
   * Adds the device to a host, up, and leaves servers of iperf3 running there.
   *
   * @param network the VXLAN network identifier
   * @param local the host's own address
   * @param remote the address of the one peer
   * @param station addresses of the device; its MTU if it is not 0, else what fits the link
   * @param servers a shell command that starts them in the background
   */
  public static KernelVxlan add(
      Namespace host,
      int network,
      String local,
      String remote,
      GuestConfig station,
      String servers) {
    // A veth pair takes frames with unfilled checksums, and super-frames, as a card would; but it
    // has no wire where they end, and a socket at the other end sees the envelope's inside as it
    // is.
    host.run("ethtool", "-K", JoinedNamespaces.LINK, "tx", "off", "tso", "off", "gso", "off");
    host.ip(
        "link",
        "add",
        DEVICE,
        "address",
        station.mac(),
        "type",
        "vxlan",
        "id",
        network + "",
        "local",
        local,
        "remote",
        remote,
        "dstport",
        "4789");
    if (station.mtu() != 0) {
      host.ip("link", "set", DEVICE, "mtu", station.mtu() + "");
    }
    host.ip("link", "set", DEVICE, "up");
    host.ip("address", "add", station.ip(), "dev", DEVICE);
    host.ip("address", "add", station.ip6(), "dev", DEVICE, "nodad");
    // One process above all of them, so that they end together.
    List<String> shell =
        List.of("unshare", "--pid", "--fork", "--kill-child=KILL", "sh", "-c", servers + "; cat");
    return new KernelVxlan(host, Processes.start(host.enter(shell), Map.of()));
  }

  /** Pings a guest from here. */
  public void ping(String address, int bytes) {
    String version = address.indexOf(':') < 0 ? "-4" : "-6";
    host.run(
        "busybox", "ping", version, "-c", "2", "-i", "0.2", "-W", "9", "-s", bytes + "", address);
  }

  /** What the device has counted: packets received and sent, and errors of either. */
  public String statistics() {
    return host.ip("-s", "link", "show", DEVICE);
  }

  @Override
  public void close() {
    Processes.kill(server);
  }
}
