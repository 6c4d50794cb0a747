package dev.outboard.engine.forwarding;

import dev.outboard.spi.MacAddress;
import java.net.InetAddress;
import java.util.List;

/**
 * Who a guest is, as declared before it connected.
 *
 * @param mtu the largest payload of an Ethernet frame in its network, in bytes
 */
public record GuestIdentity(
    String id, String tenant, int network, MacAddress mac, List<InetAddress> addresses, int mtu) {

  /** Takes a private copy of the addresses. */
  public GuestIdentity {
    addresses = List.copyOf(addresses);
  }

  /** The largest plain frame, from the Ethernet header on; room for a tag is left as usual. */
  public int largestPlainFrame() {
    return mtu + 14 + 4;
  }
}
