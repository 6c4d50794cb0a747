package dev.outboard.transport.dpdk;

import dev.outboard.spi.NextHop;
import dev.outboard.spi.TransportException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The networks on the wire. Plain Ethernet has no hosts to send to: all of a network that is not
 * here is behind the one wire, so that is the only endpoint. One network's frames have no tag,
 * another's have a VLAN tag (802.1Q) with its number; a next hop's number says which.
 *
 * <p>The control thread opens and closes them while workers look them up.
 */
final class Vlans {
  /** The endpoint, as users write it. */
  static final String WIRE = "wire";

  /** The identifier of frames without a tag. */
  static final int NO_TAG = 0;

  private static final int MOST = 4094;
  private static final VarHandle OPEN = MethodHandles.arrayElementVarHandle(int[].class);

  private final int untagged;

  /** By identifier, how often it is open. */
  private final int[] open = new int[MOST + 2];

  Vlans(int untagged) {
    this.untagged = untagged;
  }

  /** The identifier that frames to a next hop have. Hot; any worker. */
  static int vlan(int hop) {
    return hop - 1;
  }

  /** The next hop of an identifier. Hot; any worker. */
  static int hop(int vlan) {
    return vlan + 1;
  }

  /** Whether frames with an identifier belong to a network that is open. Hot; any worker. */
  boolean isOpen(int vlan) {
    return vlan >= 0 && vlan < open.length && (int) OPEN.getAcquire(open, vlan) > 0;
  }

  /** The network of an open identifier. Hot; any worker. */
  int network(int vlan) {
    return vlan == NO_TAG ? untagged : vlan;
  }

  NextHop open(int network, String endpoint) throws TransportException {
    if (!endpoint.strip().equals(WIRE)) {
      throw new TransportException(
          "'%s' is no endpoint: what is behind a device of dpdk without an address has the endpoint '%s'"
              .formatted(endpoint.replaceAll("\\p{Cntrl}", "?"), WIRE));
    }
    if (network != untagged && (network < 1 || network > MOST)) {
      throw new TransportException(
          "network %d is no VLAN (1 to %d), and not the untagged one (%d)"
              .formatted(network, MOST, untagged));
    }
    int vlan = network == untagged ? NO_TAG : network;
    OPEN.setRelease(open, vlan, open[vlan] + 1);
    return new Use(vlan);
  }

  /** One opening of a network. */
  private final class Use implements NextHop {
    private final int vlan;
    private boolean closed;

    Use(int vlan) {
      this.vlan = vlan;
    }

    @Override
    public int number() {
      return hop(vlan);
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        OPEN.setRelease(open, vlan, open[vlan] - 1);
      }
    }
  }
}
