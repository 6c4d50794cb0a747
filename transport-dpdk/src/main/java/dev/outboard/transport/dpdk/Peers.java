package dev.outboard.transport.dpdk;

import dev.outboard.spi.Capabilities;
import dev.outboard.spi.Counter;
import dev.outboard.spi.NextHop;
import dev.outboard.spi.TransportException;
import dev.outboard.transport.dpdk.underlay.NextHops;
import dev.outboard.transport.dpdk.underlay.Underlay;
import dev.outboard.transport.dpdk.underlay.UnderlayAddress;
import java.util.function.Function;

/**
 * Whom an uplink's frames go to: all that is behind the wire, or hosts by their addresses. Control
 * thread; each worker has a {@link Wire} of it.
 */
sealed interface Peers {
  /** The peers that an uplink with these settings can have. */
  static Peers of(UplinkSettings settings, long mac) throws TransportException {
    if (settings.address().isEmpty()) {
      return new Plain(new Vlans(settings.untagged()), settings.mtu());
    }
    UnderlayAddress own =
        UnderlayAddress.parse(mac, settings.address(), settings.gateway(), settings.port());
    int around = Underlay.headers(own);
    if (settings.mtu() - around < Capabilities.LEAST_MTU) {
      throw new TransportException(
          "mtu: with an address the device needs one of %d at the least"
              .formatted(Capabilities.LEAST_MTU + around));
    }
    return new ByVxlan(new NextHops(own), settings.mtu() - around);
  }

  /** The largest payload of a guest's frame. */
  int mtu();

  /** Whether frames may have to wait until it is known where a peer is. */
  boolean mayWait();

  /** As {@link dev.outboard.spi.Transport#openPeer}. */
  NextHop open(int network, String endpoint) throws TransportException;

  /** A worker's own. */
  Wire wire(Drops drops, Function<String, Counter> counter);

  /** Networks by VLAN tag. */
  record Plain(Vlans vlans, int mtu) implements Peers {
    @Override
    public boolean mayWait() {
      return false;
    }

    @Override
    public NextHop open(int network, String endpoint) throws TransportException {
      return vlans.open(network, endpoint);
    }

    @Override
    public Wire wire(Drops drops, Function<String, Counter> counter) {
      return new PlainWire(vlans, drops);
    }
  }

  /** Networks by VXLAN's number. */
  record ByVxlan(NextHops hops, int mtu) implements Peers {
    @Override
    public boolean mayWait() {
      return true;
    }

    @Override
    public NextHop open(int network, String endpoint) throws TransportException {
      return hops.open(network, endpoint);
    }

    @Override
    public Wire wire(Drops drops, Function<String, Counter> counter) {
      return new VxlanWire(hops, counter);
    }
  }
}
