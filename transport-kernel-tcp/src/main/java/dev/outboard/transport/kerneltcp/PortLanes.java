package dev.outboard.transport.kerneltcp;

import dev.outboard.linux.LinuxException;
import dev.outboard.packet.peers.Endpoint;
import dev.outboard.spi.Priority;
import dev.outboard.transport.kerneltcp.pool.Lease;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * The lanes of one port to all peers. Frames of each priority have lanes of their own, so a
 * connection that is full of others' never holds them up. Control thread.
 */
final class PortLanes {
  private final TrunkPort port;
  private final ControlLoop loop;
  private final int connections;
  private final Map<Peer, List<Peer.Place>> places = new HashMap<>();

  PortLanes(TrunkPort port, ControlLoop loop, int connections) {
    this.port = port;
    this.loop = loop;
    this.connections = connections;
  }

  /**
   * Makes lanes to a peer; those of the usual priority ask for connections at once, the others when
   * there are frames for them. Complete when all have had answers.
   */
  CompletableFuture<Void> add(Peer peer) throws LinuxException {
    List<Peer.Place> made = new ArrayList<>();
    for (Priority priority : Priority.values()) {
      for (int i = 0; i < connections; i++) {
        made.add(make(peer, priority));
      }
    }
    places.put(peer, made);
    made.forEach(place -> loop.execute(() -> peer.add(place)));
    return CompletableFuture.allOf(
        made.stream().map(place -> place.lane().settled).toArray(CompletableFuture[]::new));
  }

  private Peer.Place make(Peer peer, Priority priority) throws LinuxException {
    Peer.Place[] place = new Peer.Place[1];
    Lane lane =
        new Lane(
            port.sockets,
            port.drops,
            new Lane.Wishes() {
              @Override
              public void ended(Lease<Trunk> lease, Lane.End why) {
                loop.execute(() -> peer.takeBack(place[0], lease, why));
              }

              @Override
              public void wanted() {
                loop.execute(() -> peer.want(place[0]));
              }
            });
    place[0] = new Peer.Place(port, lane, priority);
    if (!place[0].isWantedAtOnce()) {
      lane.startResting();
    }
    return place[0];
  }

  /** Gives up the lanes to a peer; the worker lets go of them between bursts. */
  void remove(Peer peer) {
    List<Peer.Place> gone = places.remove(peer);
    if (gone != null) {
      for (Peer.Place place : gone) {
        Lane lane = place.lane();
        loop.execute(() -> peer.remove(place));
        port.mailbox.post(
            new Mailbox.Letter() {
              @Override
              public void deliver() {
                lane.close();
              }

              @Override
              public void giveBack() {
                lane.close();
              }
            });
      }
    }
  }

  /** Says by which lanes each next hop is reached. */
  void route(Map<Integer, Endpoint> hops) {
    int most = hops.keySet().stream().mapToInt(Integer::intValue).max().orElse(0);
    Priority[] priorities = Priority.values();
    Lane[][][] routes = new Lane[priorities.length][most + 1][];
    for (Priority priority : priorities) {
      Map<Endpoint, Lane[]> byEndpoint = new HashMap<>();
      places.forEach((peer, all) -> byEndpoint.put(peer.endpoint, lanes(all, priority)));
      Lane[][] byHop = routes[priority.rank()];
      hops.forEach((hop, endpoint) -> byHop[hop] = byEndpoint.get(endpoint));
    }
    port.sender.routes(routes);
  }

  private static Lane[] lanes(List<Peer.Place> all, Priority priority) {
    return all.stream()
        .filter(place -> place.priority() == priority)
        .map(Peer.Place::lane)
        .toArray(Lane[]::new);
  }

  /** The port is closed, and has no worker. */
  void close() {
    places.forEach(
        (peer, all) -> {
          for (Peer.Place place : all) {
            loop.execute(() -> peer.remove(place));
            place.lane().close();
          }
        });
  }
}
