package dev.outboard.packet.peers;

import dev.outboard.packet.Vxlan;
import dev.outboard.spi.NextHop;
import dev.outboard.spi.TransportException;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;

/**
 * The open peers of a VXLAN transport, each in one network: their numbers, who has them open, and
 * which of them a datagram came from. The control thread opens and closes; workers look up
 * meanwhile. What is needed to send to a peer the transport keeps by number: {@link Slots}.
 */
public final class VxlanPeers {
  /** There is no such peer. */
  public static final int NONE = PeerTable.NONE;

  /** What a transport keeps of each peer. Control thread. */
  public interface Slots {
    /**
     * A peer was opened; workers find it afterwards.
     *
     * @throws TransportException in one line, if it can't be reached
     */
    void fill(int number, int network, Endpoint endpoint) throws TransportException;

    /** A peer was closed; workers may still have its number, which is given out later again. */
    void clear(int number);
  }

  /** A peer whatever the network: an entry that only says that it is known. */
  private static final int ANY_NETWORK = -1;

  private record Peer(int network, Endpoint endpoint) {}

  private final boolean ipv6;
  private final Slots slots;
  private final PeerTable table = new PeerTable();
  private final Map<Peer, Hop> open = new HashMap<>();
  private final Map<InetAddress, Integer> networksOfPeer = new HashMap<>();

  /** Freed numbers, the one that was freed first to be used first. */
  private final Queue<Integer> free = new ArrayDeque<>();

  private int next = 1;

  /** No peers yet; all will have this kind of address. */
  public VxlanPeers(boolean ipv6, Slots slots) {
    this.ipv6 = ipv6;
    this.slots = slots;
  }

  /** The peer that a datagram came from, or {@link #NONE}. Hot; any worker. */
  public int find(long addressHigh, long addressLow, int network) {
    return table.find(addressHigh, addressLow, network);
  }

  /** Whether it came from a peer at all, of whatever network. Hot; any worker. */
  public boolean isPeer(long addressHigh, long addressLow) {
    return table.find(addressHigh, addressLow, ANY_NETWORK) != NONE;
  }

  /** As {@link dev.outboard.spi.Transport#openPeer}. */
  public NextHop open(int network, Endpoint endpoint) throws TransportException {
    if (endpoint.isIpv6() != ipv6) {
      throw new TransportException(
          "%s can't be reached from an uplink with an IPv%d address"
              .formatted(endpoint, ipv6 ? 6 : 4));
    }
    if (network < 0 || network > Vxlan.MAX_NETWORK) {
      throw new TransportException("network " + network + " does not fit VXLAN's 24 bits");
    }
    Peer peer = new Peer(network, endpoint);
    Hop hop = open.get(peer);
    if (hop == null) {
      hop = create(peer);
    }
    hop.users++;
    return new Use(hop);
  }

  private Hop create(Peer peer) throws TransportException {
    Endpoint endpoint = peer.endpoint;
    Hop hop = new Hop(peer, Endpoint.high(endpoint.address()), Endpoint.low(endpoint.address()));
    if (table.find(hop.high, hop.low, peer.network) != NONE) {
      throw new TransportException(
          "network %d has a peer at %s with another port already; datagrams don't say which of them sent one"
              .formatted(peer.network, endpoint.address().getHostAddress()));
    }
    Integer freed = free.poll();
    hop.number = freed == null ? next++ : freed;
    try {
      slots.fill(hop.number, peer.network, endpoint);
    } catch (TransportException e) {
      free.add(hop.number);
      throw e;
    }
    open.put(peer, hop);
    table.put(hop.high, hop.low, peer.network, hop.number);
    if (networksOfPeer.merge(endpoint.address(), 1, Integer::sum) == 1) {
      table.put(hop.high, hop.low, ANY_NETWORK, 1);
    }
    return hop;
  }

  private void remove(Hop hop) {
    table.remove(hop.high, hop.low, hop.peer.network);
    InetAddress address = hop.peer.endpoint.address();
    if (networksOfPeer.merge(address, -1, Integer::sum) == 0) {
      networksOfPeer.remove(address);
      table.remove(hop.high, hop.low, ANY_NETWORK);
    }
    slots.clear(hop.number);
    open.remove(hop.peer);
    free.add(hop.number);
  }

  private static final class Hop {
    private final Peer peer;
    private final long high;
    private final long low;
    private int number;
    private int users;

    Hop(Peer peer, long high, long low) {
      this.peer = peer;
      this.high = high;
      this.low = low;
    }
  }

  /** One opening of a peer, which may have been opened several times. */
  private final class Use implements NextHop {
    private final Hop hop;
    private boolean closed;

    Use(Hop hop) {
      this.hop = hop;
    }

    @Override
    public int number() {
      return hop.number;
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        if (--hop.users == 0) {
          remove(hop);
        }
      }
    }
  }
}
