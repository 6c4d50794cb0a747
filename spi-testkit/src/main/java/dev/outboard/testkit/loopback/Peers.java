package dev.outboard.testkit.loopback;

import dev.outboard.spi.NextHop;
import dev.outboard.spi.TransportException;
import java.util.Arrays;

/** An uplink's peers, each in one network. The control thread opens and closes, workers look. */
final class Peers {
  private static final int MOST = 1 << 16;

  /** A peer of a network; its number is its place in the array, from 1 on. */
  static final class Peer {
    final int network;
    final String endpoint;
    final int origin;
    private int users;

    Peer(int network, String endpoint, int origin) {
      this.network = network;
      this.endpoint = endpoint;
      this.origin = origin;
    }
  }

  private final Switchboard switchboard;
  private volatile Peer[] peers = new Peer[1];

  Peers(Switchboard switchboard) {
    this.switchboard = switchboard;
  }

  /** The peer of a number, or null. Hot; any worker. */
  Peer at(int number) {
    Peer[] all = peers;
    return number > 0 && number < all.length ? all[number] : null;
  }

  /** The number of the peer that a frame of a network came from, or 0. Hot; any worker. */
  int find(int network, int origin) {
    Peer[] all = peers;
    for (int number = 1; number < all.length; number++) {
      Peer peer = all[number];
      if (peer != null && peer.network == network && peer.origin == origin) {
        return number;
      }
    }
    return 0;
  }

  NextHop open(int network, String endpoint) throws TransportException {
    int origin = switchboard.number(endpoint);
    int number = find(network, origin);
    if (number == 0) {
      number = add(new Peer(network, endpoint, origin));
    }
    peers[number].users++;
    return new Use(number);
  }

  private int add(Peer peer) throws TransportException {
    Peer[] all = peers;
    int number = 1;
    while (number < all.length && all[number] != null) {
      number++;
    }
    if (number == MOST) {
      throw new TransportException("this uplink has " + (MOST - 1) + " peers, which is the most");
    }
    Peer[] more = Arrays.copyOf(all, Math.max(all.length, number + 1));
    more[number] = peer;
    peers = more;
    return number;
  }

  private void release(int number) {
    if (--peers[number].users == 0) {
      Peer[] fewer = peers.clone();
      fewer[number] = null;
      peers = fewer;
    }
  }

  /** One opening of a peer; another has opened the same, perhaps. */
  private final class Use implements NextHop {
    private final int number;
    private boolean closed;

    Use(int number) {
      this.number = number;
    }

    @Override
    public int number() {
      return number;
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        release(number);
      }
    }
  }
}
