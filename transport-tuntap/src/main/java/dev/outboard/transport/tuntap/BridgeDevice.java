package dev.outboard.transport.tuntap;

import dev.outboard.linux.Link;
import dev.outboard.linux.Links;
import dev.outboard.linux.LinuxException;
import dev.outboard.spi.TransportException;
import java.util.Optional;

/**
 * A device of the host, such as a network card, that is a port of one bridge besides the guests'
 * TAPs: so the guests of one network and tenant reach what is behind it. One bridge only, because
 * frames of two tenants could not be told apart there. Used by {@link Bridges}.
 *
 * @param name what the host calls it; empty: there is none
 * @param key whose bridge it is a port of
 */
record BridgeDevice(String name, Bridges.Key key) {
  /** No device: the bridges have TAPs only. */
  static final BridgeDevice NONE = new BridgeDevice("", new Bridges.Key(0, ""));

  /** Makes it a port of the bridge if that is the one; it may be so already. */
  void join(String uplink, Bridges.Key bridgeKey, String bridge, int mtu)
      throws LinuxException, TransportException {
    if (name.isEmpty() || !key.equals(bridgeKey)) {
      return;
    }
    Optional<Link> device = Links.find(name);
    if (device.isEmpty()) {
      throw new TransportException("uplink %s: there is no device %s".formatted(uplink, name));
    }
    int master = device.get().master();
    if (master != 0 && master != Links.index(bridge)) {
      throw new TransportException(
          "uplink %s: device %s is a port of another bridge: 'ip link set %s nomaster' takes it out"
              .formatted(uplink, name, name));
    }
    if (device.get().mtu() < mtu) {
      throw new TransportException(
          "uplink %s: device %s has an MTU of %d, %s one of %d: make one fit the other"
              .formatted(uplink, name, device.get().mtu(), key, mtu));
    }
    Links.addToBridge(bridge, name);
    Links.setUp(name);
  }
}
