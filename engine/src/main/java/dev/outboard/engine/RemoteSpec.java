package dev.outboard.engine;

import dev.outboard.spi.MacAddress;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What is declared of a station on another host, so that guests of this one can reach it. Nothing
 * is learned from frames.
 *
 * @param id unique name
 * @param tenant who owns it; guests of other tenants are out of its reach
 * @param network the network's number (VNI), 24 bits
 * @param mac its only source address
 * @param addresses its only IP addresses; if empty, any source address is let through
 * @param mtu the largest payload of an Ethernet frame in its network, in bytes
 * @param peers where it is: the peer by which it is usually reached, then those of other uplinks
 *     that routes may choose; frames from it are taken from all of them
 */
public record RemoteSpec(
    String id,
    String tenant,
    int network,
    MacAddress mac,
    List<InetAddress> addresses,
    int mtu,
    List<PeerSpec> peers) {

  /** The same station, usually reached by this uplink, on which it has a place. */
  public RemoteSpec preferring(String uplink) {
    List<PeerSpec> ordered = new ArrayList<>(peers);
    ordered.sort(Comparator.comparing(peer -> !peer.uplink().equals(uplink)));
    return withPeers(ordered);
  }

  /** The same station, with its places in another order. */
  RemoteSpec withPeers(List<PeerSpec> ordered) {
    return new RemoteSpec(id, tenant, network, mac, addresses, mtu, ordered);
  }

  /** Takes private copies. */
  public RemoteSpec {
    addresses = List.copyOf(addresses);
    peers = List.copyOf(peers);
  }
}
