package dev.outboard.integration.wire;

import dev.outboard.engine.PeerSpec;
import dev.outboard.engine.RemoteSpec;
import java.net.InetAddress;
import java.util.List;

/** A station on another host as the API shows it. */
public record RemoteView(
    String id,
    String tenant,
    int network,
    String mac,
    List<String> addresses,
    int mtu,
    String uplink,
    String endpoint,
    List<RemoteRequest.Peer> alternatives) {

  /** What the engine knows of it. */
  public static RemoteView of(RemoteSpec spec) {
    PeerSpec usual = spec.peers().getFirst();
    return new RemoteView(
        spec.id(),
        spec.tenant(),
        spec.network(),
        spec.mac().toString(),
        spec.addresses().stream().map(InetAddress::getHostAddress).toList(),
        spec.mtu(),
        usual.uplink(),
        usual.endpoint(),
        spec.peers().stream()
            .skip(1)
            .map(peer -> new RemoteRequest.Peer(peer.uplink(), peer.endpoint()))
            .toList());
  }
}
