package dev.outboard.transport.kerneltcp;

import dev.outboard.linux.LinuxException;
import dev.outboard.packet.peers.Endpoint;
import dev.outboard.transport.kerneltcp.pool.Lease;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** The lanes of one port to all peers. Control thread. */
final class PortLanes {
  private final TrunkPort port;
  private final ControlLoop loop;
  private final int connections;
  private final Map<Peer, Lane[]> lanes = new HashMap<>();

  PortLanes(TrunkPort port, ControlLoop loop, int connections) {
    this.port = port;
    this.loop = loop;
    this.connections = connections;
  }

  /**
   * Makes lanes to a peer; they ask for connections at once. Complete when they have had answers.
   */
  CompletableFuture<Void> add(Peer peer) throws LinuxException {
    Lane[] made = new Lane[connections];
    for (int i = 0; i < made.length; i++) {
      Peer.Place[] place = new Peer.Place[1];
      made[i] =
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
      place[0] = new Peer.Place(port, made[i]);
    }
    lanes.put(peer, made);
    for (Lane lane : made) {
      loop.execute(() -> peer.add(new Peer.Place(port, lane)));
    }
    return CompletableFuture.allOf(
        Stream.of(made).map(lane -> lane.settled).toArray(CompletableFuture[]::new));
  }

  /** Gives up the lanes to a peer; the worker lets go of them between bursts. */
  void remove(Peer peer) {
    Lane[] gone = lanes.remove(peer);
    if (gone != null) {
      for (Lane lane : gone) {
        loop.execute(() -> peer.remove(new Peer.Place(port, lane)));
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
    Map<Endpoint, Lane[]> byEndpoint = new HashMap<>();
    lanes.forEach((peer, all) -> byEndpoint.put(peer.endpoint, all));
    Lane[][] routes = new Lane[most + 1][];
    hops.forEach((hop, endpoint) -> routes[hop] = byEndpoint.get(endpoint));
    port.sender.routes(routes);
  }

  /** The port is closed, and has no worker. */
  void close() {
    lanes.forEach(
        (peer, all) -> {
          for (Lane lane : all) {
            loop.execute(() -> peer.remove(new Peer.Place(port, lane)));
            lane.close();
          }
        });
  }
}
