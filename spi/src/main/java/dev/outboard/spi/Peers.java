package dev.outboard.spi;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;

/**
 * The open peers of a {@link Capabilities.Scope#SHARED} transport that keeps their addresses on the
 * Java heap: gives them numbers, counts who has them open, and tells a datagram's sender. The
 * transport opens and closes peers, one call at a time; any thread may look them up meanwhile,
 * which takes no lock and allocates nothing.
 *
 * <p>Theory of operation. Everything is in arrays that are replaced as a whole, never changed, so a
 * reader sees the peers as they were at one moment. A change costs time in proportion to their
 * number, a search hardly any: at most a quarter of the slots are taken.
 *
 * @param <A> an address; its equals and hashCode say which are the same
 */
public final class Peers<A> {
  /** What {@link #number} answers when there is no such peer. */
  public static final int NONE = 0;

  private static final class Peer<A> {
    final int number;
    final int network;
    final A address;
    int users;

    Peer(int number, int network, A address) {
      this.number = number;
      this.network = network;
      this.address = address;
    }
  }

  /** The peers by number, and slots by hash that hold numbers. */
  private static final class Table<A> {
    final Peer<A>[] byNumber;
    final int[] slots;

    Table(Peer<A>[] byNumber) {
      this.byNumber = byNumber;
      slots = new int[Integer.highestOneBit(byNumber.length) * 8];
      for (Peer<A> peer : byNumber) {
        if (peer != null) {
          int slot = first(peer.network, peer.address.hashCode());
          while (slots[slot] != NONE) {
            slot = slot + 1 & slots.length - 1;
          }
          slots[slot] = peer.number;
        }
      }
    }

    int find(int network, Object address) {
      int slot = first(network, address.hashCode());
      int number;
      while ((number = slots[slot]) != NONE) {
        Peer<A> peer = byNumber[number];
        if (peer.network == network && peer.address.equals(address)) {
          return number;
        }
        slot = slot + 1 & slots.length - 1;
      }
      return NONE;
    }

    private int first(int network, int hash) {
      int mix = (hash * 31 + network) * 0x9e37_79b9;
      return mix >>> 16 & slots.length - 1;
    }
  }

  private final Queue<Integer> free = new ArrayDeque<>();
  private volatile Table<A> table = new Table<>(newArray(1));

  /** No peers yet. */
  public Peers() {}

  /** Opens a peer, or once more one that is open: see {@link Transport#openPeer}. */
  public synchronized NextHop open(int network, A address) {
    int number = table.find(network, address);
    if (number == NONE) {
      Peer<A>[] all = table.byNumber;
      Integer freed = free.poll();
      number = freed == null ? all.length : freed;
      replace(number, new Peer<>(number, network, address));
    }
    table.byNumber[number].users++;
    return new Use(number);
  }

  private void replace(int number, Peer<A> peer) {
    Peer<A>[] all = table.byNumber;
    Peer<A>[] changed = Arrays.copyOf(all, Math.max(all.length, number + 1));
    changed[number] = peer;
    table = new Table<>(changed);
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static <A> Peer<A>[] newArray(int length) {
    return new Peer[length];
  }

  /** The number of a peer in a network, or {@link #NONE} if it is not open. Any thread. */
  public int number(int network, A address) {
    return table.find(network, address);
  }

  /** A peer's address, or null if it is not open any more. Any thread. */
  public A address(int number) {
    Peer<A>[] all = table.byNumber;
    Peer<A> peer = number > 0 && number < all.length ? all[number] : null;
    return peer == null ? null : peer.address;
  }

  private synchronized void leave(int number) {
    if (--table.byNumber[number].users == 0) {
      free.add(number);
      replace(number, null);
    }
  }

  /** One opening of a peer. */
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
        leave(number);
      }
    }
  }
}
