package dev.outboard.transport.dpdk.underlay;

import dev.outboard.packet.peers.Endpoint;
import dev.outboard.packet.peers.PeerTable;
import dev.outboard.spi.TransportException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetAddress;
import java.util.Arrays;

/**
 * The hosts on the link that frames are sent to: peers, and the gateway for those elsewhere (ARP
 * table, neighbour cache). The control thread adds and removes them; any worker looks up, learns
 * and asks, without a lock. Nobody is in here who was not configured, so nobody else can fill it.
 *
 * <p>Theory of operation. {@link #earliest} is when the next request of all may be due, so that a
 * worker needs one load to see that there is nothing to do. The worker that takes it away looks at
 * all neighbours, and puts the new earliest time there; who makes a request due meanwhile puts that
 * in as well.
 */
final class Neighbours {
  private static final int ALL_NETWORKS = 0;
  private static final VarHandle EARLIEST;

  static {
    try {
      EARLIEST = MethodHandles.lookup().findVarHandle(Neighbours.class, "earliest", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final UnderlayAddress own;

  /** From addresses to places in {@link #all}. */
  private final PeerTable table = new PeerTable();

  /** Replaced, never changed; null at 0 and where there is none. */
  private volatile Station[] all = new Station[1];

  private volatile long earliest = Station.NEVER;

  Neighbours(UnderlayAddress own) {
    this.own = own;
  }

  /** The neighbour that leads to a peer, asked for from now on. Control thread. */
  Station open(InetAddress peer, long now) throws TransportException {
    InetAddress address = own.neighbourOf(peer);
    long high = Endpoint.high(address);
    long low = Endpoint.low(address);
    int place = table.find(high, low, ALL_NETWORKS);
    Station neighbour = place == PeerTable.NONE ? add(high, low, now) : all[place];
    neighbour.users++;
    return neighbour;
  }

  private Station add(long high, long low, long now) {
    Station[] before = all;
    int place = 1;
    while (place < before.length && before[place] != null) {
      place++;
    }
    Station[] after = Arrays.copyOf(before, Math.max(before.length, place + 1));
    Station neighbour = new Station(high, low, now);
    after[place] = neighbour;
    all = after;
    table.put(high, low, ALL_NETWORKS, place);
    isDueAt(now);
    return neighbour;
  }

  /** A peer is not reached by it any more. Control thread. */
  void close(Station neighbour) {
    if (--neighbour.users == 0) {
      int place = table.find(neighbour.high, neighbour.low, ALL_NETWORKS);
      table.remove(neighbour.high, neighbour.low, ALL_NETWORKS);
      Station[] after = all.clone();
      after[place] = null;
      all = after;
    }
  }

  /** The neighbour with this address, or null. */
  private Station find(long high, long low) {
    int place = table.find(high, low, ALL_NETWORKS);
    Station[] now = all;
    Station neighbour = place < now.length ? now[place] : null;
    // The place may have been given to another meanwhile.
    boolean isIt = neighbour != null && neighbour.low == low && neighbour.high == high;
    return isIt ? neighbour : null;
  }

  /** A host has said its MAC address. Whether it is a neighbour, and so believed. Any worker. */
  boolean learn(long high, long low, long mac, long now) {
    Station neighbour = find(high, low);
    if (neighbour == null) {
      return false;
    }
    neighbour.learn(mac, now);
    return true;
  }

  /** Where a frame to it goes, or 0 if that is not known. Hot; any worker. */
  long macToSend(Station neighbour, long now) {
    long mac = neighbour.mac();
    if ((mac == 0 || neighbour.isStale(now)) && neighbour.want(now)) {
      isDueAt(now);
    }
    return mac;
  }

  private void isDueAt(long time) {
    long before = earliest;
    while (isBefore(time, before) && !EARLIEST.compareAndSet(this, before, time)) {
      before = earliest;
    }
  }

  private static boolean isBefore(long time, long other) {
    return time != Station.NEVER && (other == Station.NEVER || time - other < 0);
  }

  /** When {@link #claim} is to be called next, or NEVER. Any thread. */
  long deadline() {
    return earliest;
  }

  /** A neighbour that has to be asked now, by the caller; or null. Hot; any worker. */
  Station claim(long now) {
    long before = earliest;
    if (before == Station.NEVER
        || now - before < 0
        || !EARLIEST.compareAndSet(this, before, Station.NEVER)) {
      return null;
    }
    Station claimed = null;
    long next = Station.NEVER;
    for (Station one : all) {
      if (one != null) {
        if (claimed == null && one.claim(now)) {
          claimed = one;
        }
        long its = one.nextRequest();
        next = isBefore(its, next) ? its : next;
      }
    }
    isDueAt(next);
    return claimed;
  }
}
