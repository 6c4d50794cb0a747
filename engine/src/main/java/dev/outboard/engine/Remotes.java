package dev.outboard.engine;

import dev.outboard.engine.control.WorkerPool;
import dev.outboard.engine.forwarding.GuestIdentity;
import dev.outboard.engine.forwarding.Path;
import dev.outboard.engine.forwarding.Route;
import dev.outboard.engine.worker.Directory;
import dev.outboard.engine.worker.Gateway;
import dev.outboard.engine.worker.RemoteStation;
import dev.outboard.engine.worker.Routes;
import dev.outboard.spi.NextHop;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/** What is reachable off this host, and by which uplinks. The control thread. */
final class Remotes {
  private final Uplinks uplinks;
  private final Directory directory;
  private final WorkerPool workers;
  private final Map<String, Remote> remotes = new TreeMap<>();
  private final List<RouteSpec> routes = new ArrayList<>();
  private final Map<Integer, GatewaySpec> gateways = new TreeMap<>();

  /** Peers of gateways and routes, which stay until the end. */
  private final Map<Peer, NextHop> permanent = new HashMap<>();

  private record Peer(Uplink uplink, int network, String endpoint) {}

  private record Remote(RemoteSpec spec, RemoteStation station, List<NextHop> hops) {}

  Remotes(Uplinks uplinks, Directory directory, WorkerPool workers) {
    this.uplinks = uplinks;
    this.directory = directory;
    this.workers = workers;
  }

  List<RemoteSpec> list() {
    return remotes.values().stream().map(Remote::spec).toList();
  }

  boolean add(RemoteSpec spec) throws EngineException {
    String who = "remote '" + spec.id() + "'";
    if (remotes.containsKey(spec.id())) {
      throw new EngineException(EngineException.Kind.TAKEN, who + " is there already");
    }
    if (spec.peers().isEmpty()) {
      throw new EngineException(EngineException.Kind.INVALID, who + " needs an uplink");
    }
    GuestIdentity identity =
        new GuestIdentity(
            spec.id(), spec.tenant(), spec.network(), spec.mac(), spec.addresses(), spec.mtu());
    var domain = directory.domain(spec.network(), spec.tenant());
    StationChecks.check(spec, directory, domain);
    List<NextHop> hops = new ArrayList<>();
    List<Path> paths = new ArrayList<>();
    try {
      for (PeerSpec peer : spec.peers()) {
        Uplink uplink = uplinks.shared(who, peer.uplink());
        NextHop hop = uplink.openPeer(who, spec.network(), spec.mtu(), peer.endpoint());
        hops.add(hop);
        paths.add(new Path(uplink.number(), hop.number()));
      }
      RemoteStation station = new RemoteStation(identity, domain, paths);
      if (!directory.add(station)) {
        throw new EngineException(
            EngineException.Kind.TAKEN,
            "no room for " + who + ": the tables are full; raise max-guests");
      }
      remotes.put(spec.id(), new Remote(spec, station, hops));
      return true;
    } catch (EngineException e) {
      hops.forEach(NextHop::close);
      throw e;
    }
  }

  /** Its peers are given up when no worker has a frame for them any more. */
  void remove(String id, CompletableFuture<Object> answer) throws EngineException {
    Remote remote = remotes.remove(id);
    if (remote == null) {
      throw new EngineException(EngineException.Kind.UNKNOWN, "there is no remote '" + id + "'");
    }
    directory.remove(remote.station);
    workers.quiesce(
        () -> {
          remote.hops.forEach(NextHop::close);
          answer.complete(true);
        });
  }

  boolean addGateway(GatewaySpec spec) throws EngineException {
    String who = "network " + spec.network();
    if (gateways.containsKey(spec.network())) {
      throw new EngineException(EngineException.Kind.TAKEN, who + " has a default uplink already");
    }
    Uplink uplink = uplinks.get(who, spec.peer().uplink());
    if (uplink.isShared()) {
      Path path = permanent(who, uplink, spec.network(), spec.mtu(), spec.peer().endpoint());
      var domain = directory.domain(spec.network(), spec.tenant());
      directory.addGateway(
          spec.network(), spec.tenant(), new Gateway(domain, path, spec.isSource()));
    }
    gateways.put(spec.network(), spec);
    return true;
  }

  boolean addRoute(RouteSpec spec) throws EngineException {
    Uplink uplink = uplinks.get("route " + (routes.size() + 1), spec.uplink());
    if (!uplink.isShared() && spec.endpoint().isPresent()) {
      throw new EngineException(
          EngineException.Kind.INVALID,
          "route %d: uplink '%s' has no endpoints, each guest has its own port"
              .formatted(routes.size() + 1, spec.uplink()));
    }
    routes.add(spec);
    return true;
  }

  /** What leads to an uplink, in a user's words; guests are not among it. */
  List<String> usersOf(String uplink) {
    List<String> users = new ArrayList<>();
    for (Remote remote : remotes.values()) {
      if (remote.spec.peers().stream().anyMatch(peer -> peer.uplink().equals(uplink))) {
        users.add("remote '" + remote.spec.id() + "'");
      }
    }
    for (int i = 0; i < routes.size(); i++) {
      if (routes.get(i).uplink().equals(uplink)) {
        users.add("route " + (i + 1));
      }
    }
    for (GatewaySpec gateway : gateways.values()) {
      if (gateway.peer().uplink().equals(uplink)) {
        users.add("the default of network " + gateway.network());
      }
    }
    return users;
  }

  /** Gives up the peers of an uplink that nothing leads to any more, and no worker has. */
  void forget(Uplink uplink) {
    permanent
        .entrySet()
        .removeIf(
            peer -> {
              boolean its = peer.getKey().uplink == uplink;
              if (its) {
                peer.getValue().close();
              }
              return its;
            });
  }

  /**
   * The rules for a guest, the uplink it is to have a port of its own on, or null, and the names of
   * all uplinks that the rules lead to.
   */
  record Ways(Routes routes, Uplink own, Set<String> uplinks) {}

  /** Finds out by which uplinks a guest's frames leave. */
  Ways ways(GuestSpec guest) throws EngineException {
    List<RouteSpec> rules = new ArrayList<>();
    guest.uplink().ifPresent(name -> rules.add(toEverybody(guest, name)));
    routes.stream().filter(route -> route.isFor(guest)).forEach(rules::add);
    GatewaySpec gateway = gateways.get(guest.network());
    if (gateway != null && gateway.tenant().equals(guest.tenant())) {
      rules.add(
          new RouteSpec(
              "default",
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              gateway.peer().uplink(),
              Optional.ofNullable(gateway.peer().endpoint())));
    }
    String who = "guest '" + guest.id() + "'";
    Uplink own = null;
    boolean decided = false;
    List<Route> resolved = new ArrayList<>();
    for (RouteSpec rule : rules) {
      Uplink uplink = uplinks.get(who, rule.uplink());
      boolean unconditional = rule.destination().isEmpty();
      Path path = null;
      if (!uplink.isShared()) {
        if (decided) {
          continue;
        }
        own = onlyOne(who, own, uplink);
        path = Path.OWN_PORT;
      } else if (rule.endpoint().isPresent()) {
        path = permanent(who, uplink, guest.network(), guest.mtu(), rule.endpoint().get());
      }
      decided |= unconditional && path != null;
      int number = uplink.isShared() ? uplink.number() : Path.OWN_PORT.uplink();
      resolved.add(new Route(rule.destination().orElse(null), number, path));
    }
    Set<String> names = rules.stream().map(RouteSpec::uplink).collect(Collectors.toSet());
    return new Ways(resolved.isEmpty() ? Routes.NONE : new Routes(resolved), own, names);
  }

  private Path permanent(String who, Uplink uplink, int network, int mtu, String endpoint)
      throws EngineException {
    Peer peer = new Peer(uplink, network, endpoint);
    NextHop hop = permanent.get(peer);
    if (hop == null) {
      hop = uplink.openPeer(who, network, mtu, endpoint);
      permanent.put(peer, hop);
    }
    return new Path(uplink.number(), hop.number());
  }

  private static RouteSpec toEverybody(GuestSpec guest, String uplink) {
    return new RouteSpec(
        "uplink", Optional.of(guest.network()), Optional.empty(), Optional.empty(), uplink, Optional.empty());
  }

  private static Uplink onlyOne(String who, Uplink known, Uplink other) throws EngineException {
    if (known != null && known != other) {
      throw new EngineException(
          EngineException.Kind.INVALID,
          "%s: its routes lead to '%s' and '%s', both with a port for each guest; it can have one"
              .formatted(who, known.name(), other.name()));
    }
    return other;
  }

  /** Gives all peers up; no worker runs any more. */
  void close() {
    remotes.values().forEach(remote -> remote.hops.forEach(NextHop::close));
    remotes.clear();
    permanent.values().forEach(NextHop::close);
    permanent.clear();
  }
}
