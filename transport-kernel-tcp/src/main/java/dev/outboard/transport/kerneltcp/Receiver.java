package dev.outboard.transport.kerneltcp;

import dev.outboard.linux.LinuxException;
import dev.outboard.linux.Mapping;
import dev.outboard.packet.peers.Endpoint;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.Peers;
import dev.outboard.spi.RegionTable;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The receiving half of a port: connections from peers, each with a buffer of its own in one
 * region. Its worker's; hot.
 *
 * <p>Theory of operation. Whoever may have something is listed, and has its turn until the burst is
 * full; who has more is listed again, at the end. The sockets are asked for news when nobody is
 * listed, before a sleep, and at the latest each 16th time.
 */
final class Receiver {
  private static final int MOST_CALLS_WITHOUT_NEWS = 16;

  private final Sockets sockets;
  private final Drops drops;
  private final Peers<Endpoint> peers;
  private final RegionTable regions;
  private final MemorySegment memory;
  private final int region;

  private final Inbound[] all;
  private final Inbound[] used;
  private int usedCount;
  private final Inbound[] owing;
  private int owingCount;

  /** A ring of those that are listed. */
  private final Inbound[] listed;

  private int first;
  private int listedCount;
  private int callsWithoutNews;
  private Runnable connectionEnded = () -> {};

  Receiver(Sockets sockets, Drops drops, Peers<Endpoint> peers, RegionTable regions, int most)
      throws LinuxException {
    this.sockets = sockets;
    this.drops = drops;
    this.peers = peers;
    this.regions = regions;
    memory = Mapping.mapAnonymous((long) most * Inbound.BUFFER, Arena.ofAuto());
    region = regions.add(memory);
    all = new Inbound[most];
    used = new Inbound[most];
    owing = new Inbound[most];
    listed = new Inbound[most];
  }

  /** Whom to tell when a connection has ended and its place is free; the worker. */
  void onEnd(Runnable task) {
    connectionEnded = task;
  }

  MemorySegment memory() {
    return memory;
  }

  int region() {
    return region;
  }

  /** Takes a connection; closed if that can't be. */
  void adopt(TrunkStream stream, Endpoint peer) {
    int slot = 0;
    while (slot < all.length && all[slot] != null) {
      slot++;
    }
    if (slot == all.length) {
      drops.connections.cutBroken.increment();
      stream.close();
      connectionEnded.run();
      return;
    }
    Inbound inbound = new Inbound(this, drops, stream, peer, slot);
    try {
      inbound.number = sockets.add(inbound.fd(), inbound);
    } catch (LinuxException e) {
      drops.connections.cutBroken.increment();
      stream.close();
      connectionEnded.run();
      return;
    }
    all[slot] = inbound;
    list(inbound);
  }

  void unwatch(Inbound inbound) {
    sockets.remove(inbound.fd(), inbound.number);
  }

  /** It may have something. */
  void list(Inbound inbound) {
    if (!inbound.isListed && !inbound.isClosed()) {
      inbound.isListed = true;
      int at = first + listedCount++;
      listed[at < listed.length ? at : at - listed.length] = inbound;
    }
  }

  /** The burst has frames of it. */
  void uses(Inbound inbound) {
    if (!inbound.isUsed) {
      inbound.isUsed = true;
      used[usedCount++] = inbound;
    }
  }

  /** It has taken frames that it has not acknowledged. */
  void owes(Inbound inbound) {
    if (!inbound.isOwing) {
      inbound.isOwing = true;
      owing[owingCount++] = inbound;
    }
  }

  /** It is closed. */
  void ended(Inbound inbound) {
    if (!inbound.isUsed) {
      free(inbound);
    }
  }

  private void free(Inbound inbound) {
    if (all[inbound.slot] == inbound) {
      for (int i = 0; i < owingCount; i++) {
        if (owing[i] == inbound) {
          owing[i] = owing[--owingCount];
        }
      }
      all[inbound.slot] = null;
      connectionEnded.run();
    }
  }

  /** As {@link dev.outboard.spi.SharedPort#receive}. */
  int receive(FrameBurst into, int limit) {
    if (listedCount == 0 || ++callsWithoutNews >= MOST_CALLS_WITHOUT_NEWS) {
      callsWithoutNews = 0;
      sockets.poll();
    }
    int frames = 0;
    for (int turns = listedCount; turns > 0 && frames < limit; turns--) {
      Inbound inbound = listed[first];
      listed[first] = null;
      first = first + 1 == listed.length ? 0 : first + 1;
      listedCount--;
      inbound.isListed = false;
      if (!inbound.isClosed()) {
        frames = inbound.take(into, frames, limit, peers);
      }
    }
    return frames;
  }

  /** As {@link dev.outboard.spi.SharedPort#release}. */
  void release() {
    for (int i = 0; i < usedCount; i++) {
      Inbound inbound = used[i];
      used[i] = null;
      inbound.isUsed = false;
      if (inbound.isClosed()) {
        free(inbound);
      }
    }
    usedCount = 0;
  }

  /** Before a sleep: acknowledges all, asks for news; false if somebody has some. */
  boolean arm() {
    if (listedCount > 0) {
      return false;
    }
    for (int i = 0; i < owingCount; i++) {
      owing[i].isOwing = false;
      owing[i].acknowledge();
      owing[i] = null;
    }
    owingCount = 0;
    sockets.poll();
    return listedCount == 0;
  }

  /** Cuts who has begun a frame and does not go on. */
  void checkStalled(long now, long nanos) {
    for (Inbound inbound : all) {
      if (inbound != null && !inbound.isClosed()) {
        inbound.checkStalled(now, nanos);
      }
    }
  }

  /** The worker has gone, or the port was never bound. Control thread. */
  void close() {
    for (Inbound inbound : all) {
      if (inbound != null) {
        inbound.close();
      }
    }
    regions.remove(region);
  }
}
