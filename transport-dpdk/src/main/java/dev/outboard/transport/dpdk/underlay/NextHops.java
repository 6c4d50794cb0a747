package dev.outboard.transport.dpdk.underlay;

import dev.outboard.packet.peers.Endpoint;
import dev.outboard.packet.peers.VxlanPeers;
import dev.outboard.spi.NextHop;
import dev.outboard.spi.TransportException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.function.LongSupplier;

/**
 * The peers of an uplink, each in one network, with what a datagram to one needs; one object for
 * all workers. The control thread opens and closes peers while workers send and receive.
 */
public final class NextHops implements VxlanPeers.Slots {
  private static final VarHandle HOP = MethodHandles.arrayElementVarHandle(Hop[].class);
  private static final int FEWEST = 64;

  /** What a datagram to a peer needs; the neighbour knows the MAC address. */
  static final class Hop {
    final Station neighbour;
    final long high;
    final long low;
    final int port;
    final int network;

    Hop(Station neighbour, int network, Endpoint endpoint) {
      this.neighbour = neighbour;
      this.network = network;
      high = Endpoint.high(endpoint.address());
      low = Endpoint.low(endpoint.address());
      port = endpoint.port();
    }
  }

  private final UnderlayAddress own;
  private final LongSupplier clock;
  private final Neighbours neighbours;
  private final VxlanPeers peers;
  private volatile Hop[] hops = new Hop[FEWEST];

  /** No peers yet. */
  public NextHops(UnderlayAddress own) {
    this(own, System::nanoTime);
  }

  NextHops(UnderlayAddress own, LongSupplier clock) {
    this.own = own;
    this.clock = clock;
    neighbours = new Neighbours(own);
    peers = new VxlanPeers(own.isIpv6(), this);
  }

  /**
   * Opens a peer, as {@link dev.outboard.spi.Transport#openPeer}, and has its MAC address asked for
   * by the next worker that calls {@link Underlay#request}.
   */
  public NextHop open(int network, String endpoint) throws TransportException {
    return peers.open(network, Endpoint.parse(endpoint, own.port()));
  }

  @Override
  public void fill(int number, int network, Endpoint endpoint) throws TransportException {
    Station neighbour = neighbours.open(endpoint.address(), clock.getAsLong());
    if (number == hops.length) {
      hops = Arrays.copyOf(hops, number * 2);
    }
    HOP.setRelease(hops, number, new Hop(neighbour, network, endpoint));
  }

  @Override
  public void clear(int number) {
    Station neighbour = hops[number].neighbour;
    HOP.setRelease(hops, number, null);
    neighbours.close(neighbour);
  }

  long now() {
    return clock.getAsLong();
  }

  UnderlayAddress own() {
    return own;
  }

  Neighbours neighbours() {
    return neighbours;
  }

  /** A next hop, or null. Hot; any worker. */
  Hop get(int number) {
    Hop[] all = hops;
    return number > 0 && number < all.length ? (Hop) HOP.getAcquire(all, number) : null;
  }

  /** The next hop that a datagram came from, or {@link VxlanPeers#NONE}. Hot; any worker. */
  int find(long high, long low, int network) {
    return peers.find(high, low, network);
  }

  /** Whether it came from a peer at all, of whatever network. Hot; any worker. */
  boolean isPeer(long high, long low) {
    return peers.isPeer(high, low);
  }
}
