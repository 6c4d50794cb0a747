package dev.outboard.lab;

import java.util.List;
import java.util.Map;

/**
 * A station on another host that is all the Linux kernel's: its {@code vxlan} device, or its end of
 * the wire itself, with the addresses of a guest, in the network of that host. Nothing of it is
 * ours, so it shows what others understand of what we send, and we of what others send.
 */
public final class KernelStation implements AutoCloseable {
  private static final String VXLAN = "vxlan0";

  private final Namespace host;
  private final String device;
  private final Process server;

  private KernelStation(Namespace host, String device, GuestConfig station, String servers) {
    this.host = host;
    this.device = device;
    if (station.mtu() != 0) {
      host.ip("link", "set", device, "mtu", station.mtu() + "");
    }
    host.ip("link", "set", device, "up");
    host.ip("address", "add", station.ip(), "dev", device);
    host.ip("address", "add", station.ip6(), "dev", device, "nodad");
    // One process above all of them, so that they end together.
    List<String> shell =
        List.of("unshare", "--pid", "--fork", "--kill-child=KILL", "sh", "-c", servers + "; cat");
    server = Processes.start(host.enter(shell), Map.of());
  }

  /**
   * Adds a vxlan device to a host, up, and leaves servers of iperf3 running there.
   *
   * @param network the VXLAN network identifier
   * @param local the host's own address
   * @param remote the address of the one peer
   * @param station addresses of the device; its MTU if it is not 0, else what fits the link
   * @param servers a shell command that starts them in the background
   */
  public static KernelStation vxlan(
      Namespace host,
      int network,
      String local,
      String remote,
      GuestConfig station,
      String servers) {
    withoutOffloads(host);
    host.ip(
        "link",
        "add",
        VXLAN,
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
    return new KernelStation(host, VXLAN, station, servers);
  }

  /** Makes a host's end of the wire the station, as {@link #vxlan}. */
  public static KernelStation plain(Namespace host, GuestConfig station, String servers) {
    withoutOffloads(host);
    host.ip("link", "set", JoinedNamespaces.LINK, "address", station.mac());
    return new KernelStation(host, JoinedNamespaces.LINK, station, servers);
  }

  /**
   * A veth pair takes frames with unfilled checksums, and super-frames, as a card would; but it has
   * no wire where they end, and who is at the other end sees them as they are.
   */
  private static void withoutOffloads(Namespace host) {
    host.run("ethtool", "-K", JoinedNamespaces.LINK, "tx", "off", "tso", "off", "gso", "off");
  }

  /** Pings a guest from here. */
  public void ping(String address, int bytes) {
    String version = address.indexOf(':') < 0 ? "-4" : "-6";
    host.run(
        "busybox", "ping", version, "-c", "2", "-i", "0.2", "-W", "9", "-s", bytes + "", address);
  }

  /** What the device has counted: packets received and sent, and errors of either. */
  public String statistics() {
    return host.ip("-s", "link", "show", device);
  }

  @Override
  public void close() {
    Processes.kill(server);
  }
}
