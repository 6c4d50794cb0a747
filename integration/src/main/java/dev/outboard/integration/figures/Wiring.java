package dev.outboard.integration.figures;

import dev.outboard.guest.CrowdAddresses;
import java.util.ArrayList;
import java.util.List;

/**
 * The devices and addresses of the two hosts of an arm, as lines for {@code ip}, and what its
 * sidecars are told. Pure functions. Neighbours are entered by hand, for the stand-in microVMs
 * answer no ARP.
 */
final class Wiring {
  static final String BRIDGE = "br0";
  static final String VXLAN = "vxlan0";

  static final String LINK = "veth0";
  private static final String ALL = "/8";

  /** What microVMs have; a wire that carries envelopes has room for them. */
  private static final int MTU = 1500;

  private static final int ENVELOPED_MTU = 1600;

  /** The first port of the hosts' own vxlan devices; the sidecars have the usual one, 4789. */
  private static final int PORT = 4790;

  private Wiring() {}

  /**
   * The wires, made in the first host's network, with their other ends in that of a process: one,
   * and with DPDK, which leaves nothing of a wire to the kernel, one more to each host's own end.
   */
  static List<String> wires(FigureArm arm, long other) {
    List<String> names = new ArrayList<>(List.of(LINK));
    if (arm == FigureArm.DPDK) {
      names.addAll(List.of(end(0), end(1)));
    }
    int mtu = linkMtu(arm);
    return names.stream()
        .map(
            name ->
                "link add %s mtu %d type veth peer name %s mtu %d netns %d"
                    .formatted(name, mtu, name, mtu, other))
        .toList();
  }

  /** The wire between a host's own end, which the kernel has, and the other host's sidecar. */
  static String end(int host) {
    return "end" + host;
  }

  /** What the wire must carry. */
  static int linkMtu(FigureArm arm) {
    return arm == FigureArm.IOURING ? ENVELOPED_MTU : MTU;
  }

  /** What a host has before a sidecar comes. */
  static List<String> devices(FigureArm arm, String link, int host, int pairs) {
    List<String> lines = new ArrayList<>();
    lines.add("link set " + link + " mtu " + linkMtu(arm));
    // No address of its own, so the kernel sends nothing that would be counted.
    lines.add("link set " + link + " addrgenmode none");
    switch (arm) {
      case HOST -> {
        lines.add("link set " + link + " up");
        lines.addAll(ends(link, host, pairs));
      }
      case VMM_TAP -> {
        lines.add("link add " + BRIDGE + " type bridge");
        lines.add("link set " + BRIDGE + " addrgenmode none");
        lines.add("link set " + link + " master " + BRIDGE);
        lines.add("link set " + link + " up");
        lines.add("link set " + BRIDGE + " up");
        lines.addAll(ends(BRIDGE, host, pairs));
      }
      case TUNTAP -> lines.add("link set " + link + " up");
      case DPDK -> {
        lines.add("link set " + link + " up");
        for (int i = 0; i < 2; i++) {
          lines.add("link set " + end(i) + " addrgenmode none");
          lines.add("link set " + end(i) + " up");
        }
        lines.addAll(ends(end(host), host, pairs));
      }
      case IOURING -> {
        lines.add("address add " + underlay(host) + "/24 dev " + link);
        lines.add("link set " + link + " up");
        lines.add(
            "link add %s mtu %d type vxlan id 1 local %s remote %s dstport %d"
                .formatted(VXLAN, MTU, underlay(host), underlay(1 - host), PORT + host));
        lines.add("link set " + VXLAN + " addrgenmode none");
        lines.add("link set " + VXLAN + " up");
        lines.addAll(ends(VXLAN, host, pairs));
      }
    }
    return lines;
  }

  /** Makes a device the host's end: an address for each pair, and where the partners are. */
  static List<String> ends(String device, int host, int pairs) {
    List<String> lines = new ArrayList<>();
    lines.add("link set " + device + " address " + CrowdAddresses.endMac(host));
    for (int i = 0; i < pairs; i++) {
      lines.add("address add " + CrowdAddresses.endIp(host, i) + ALL + " dev " + device);
      lines.add(
          neighbour(CrowdAddresses.endIp(1 - host, i), CrowdAddresses.endMac(1 - host), device));
      lines.add(
          neighbour(
              CrowdAddresses.guestIp(1 - host, i), CrowdAddresses.guestMac(1 - host, i), device));
    }
    return lines;
  }

  private static String neighbour(String ip, String mac, String device) {
    return "neigh replace " + ip + " lladdr " + mac + " nud permanent dev " + device;
  }

  private static String underlay(int host) {
    return "192.0.2." + (host + 1);
  }

  /** The configuration of a host's sidecar, whose sockets are in a folder. */
  static String configuration(
      FigureArm arm, String link, int host, String workers, int pairs, String folder) {
    StringBuilder text = new StringBuilder(workers);
    boolean taps = arm == FigureArm.TUNTAP;
    String uplinks =
        switch (arm) {
          case TUNTAP -> bridged(link);
          case DPDK -> bypass(link, host, pairs);
          default -> vxlan(host, pairs);
        };
    text.append(uplinks).append("guests:\n");
    for (int i = 0; i < pairs; i++) {
      text.append(
          "  - {id: g%d, network: 1, mac: '%s', addresses: [%s], socket: '%s'%s}%n"
              .formatted(
                  i,
                  CrowdAddresses.guestMac(host, i),
                  CrowdAddresses.guestIp(host, i),
                  folder + "/g" + i + ".sock",
                  taps ? ", uplink: way" : ""));
    }
    return text.toString();
  }

  private static String bridged(String link) {
    return "uplinks: {way: {transport: tuntap, bridge.device: " + link + "}}\n";
  }

  private static String vxlan(int host, int pairs) {
    int far = 1 - host;
    String uplinks =
        """
        uplinks:
          way: {transport: iouring, address: %s}
          end: {transport: iouring, address: %s, port: %d}
        """
            .formatted(underlay(host), underlay(host), PORT + far);
    String end = "'%s:%d'".formatted(underlay(far), PORT + far);
    return uplinks + remotes(far, pairs, underlay(far), end);
  }

  private static String bypass(String link, int host, int pairs) {
    int far = 1 - host;
    String uplinks =
        """
        uplinks:
          way: {transport: dpdk, device: 'net_af_xdp0,iface=%s'}
          end: {transport: dpdk, device: 'net_af_xdp1,iface=%s'}
        """
            .formatted(link, end(far));
    return uplinks + remotes(far, pairs, "wire", "wire");
  }

  /** The other host's microVMs by one uplink, and its own end by another. */
  private static String remotes(int far, int pairs, String way, String end) {
    StringBuilder text = new StringBuilder("remotes:\n");
    List<String> ends = new ArrayList<>();
    for (int i = 0; i < pairs; i++) {
      ends.add(CrowdAddresses.endIp(far, i));
      text.append(
          "  - {id: r%d, network: 1, mac: '%s', addresses: [%s], uplink: way, endpoint: %s}%n"
              .formatted(i, CrowdAddresses.guestMac(far, i), CrowdAddresses.guestIp(far, i), way));
    }
    text.append(
        "  - {id: end, network: 1, mac: '%s', addresses: %s, uplink: end, endpoint: %s}%n"
            .formatted(CrowdAddresses.endMac(far), ends, end));
    return text.toString();
  }
}
