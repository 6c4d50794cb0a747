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

  private static final class Remote {
    RemoteSpec spec;
    final RemoteStation station;
    final List<NextHop> hops;

    Remote(RemoteSpec spec, RemoteStation station, List<NextHop> hops) {
      this.spec = spec;
      this.station = station;
      this.hops = hops;
    }
  }

  /**
   * What leads elsewhere once a swap is through, beside what guests choose for themselves.
   *
   * @param rules all rules, as they are then
   * @param gateways all networks' defaults, as they are then
   * @param before both as they were
   * @param moved the remotes that are usually reached by the other uplink then
   * @param from what they are reached by now, or null
   * @param to what they are reached by then, or null
   */
  record Change(
      List<RouteSpec> rules,
      Map<Integer, GatewaySpec> gateways,
      Lead before,
      List<RemoteSpec> moved,
      Uplink from,
      Uplink to) {

    /** Rules and defaults. */
    record Lead(List<RouteSpec> rules, Map<Integer, GatewaySpec> gateways) {}

    boolean isNothing() {
      return rules.equals(before.rules) && gateways.equals(before.gateways) && moved.isEmpty();
    }

    /** Whether a guest reaches one of the remotes. */
    boolean reaches(GuestSpec guest) {
      return moved.stream()
          .anyMatch(
              remote ->
                  remote.network() == guest.network() && remote.tenant().equals(guest.tenant()));
    }

    /** Whether a guest can only reach them by a port of its own. */
    boolean needsPort(GuestSpec guest) {
      return !moved.isEmpty() && !to.isShared() && reaches(guest);
    }
  }

  Remotes(Uplinks uplinks, Directory directory, WorkerPool workers) {
    this.uplinks = uplinks;
    this.directory = directory;
    this.workers = workers;
  }

  List<RemoteSpec> list() {
    return remotes.values().stream().map(remote -> remote.spec).toList();
  }

  List<RouteSpec> routes() {
    return List.copyOf(routes);
  }

  List<GatewaySpec> gateways() {
    return List.copyOf(gateways.values());
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
        paths.add(path(who, spec, peer, hops));
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

  private Path path(String who, RemoteSpec spec, PeerSpec peer, List<NextHop> hops)
      throws EngineException {
    Uplink uplink = uplinks.get(who, peer.uplink());
    if (uplink.isShared()) {
      NextHop hop = uplink.openPeer(who, spec.network(), spec.mtu(), peer.endpoint());
      hops.add(hop);
      return new Path(uplink.number(), hop.number());
    }
    if (peer.endpoint() != null) {
      throw new EngineException(
          EngineException.Kind.INVALID,
          "%s: uplink '%s' (%s) has no endpoints, each guest has its own port"
              .formatted(who, peer.uplink(), uplink.transportName()));
    }
    uplink.checkMtu(who, spec.network(), spec.mtu());
    return Path.ownPort(uplink.number());
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
    if (routes.stream().anyMatch(route -> route.id().equals(spec.id()))) {
      throw new EngineException(
          EngineException.Kind.TAKEN, "route " + spec.id() + " is there already");
    }
    Uplink uplink = uplinks.get("route " + spec.id(), spec.uplink());
    if (!uplink.isShared() && spec.endpoint().isPresent()) {
      throw new EngineException(
          EngineException.Kind.INVALID,
          "route %s: uplink '%s' has no endpoints, each guest has its own port"
              .formatted(spec.id(), spec.uplink()));
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
    for (RouteSpec route : routes) {
      if (route.uplink().equals(uplink)) {
        users.add("route " + route.id());
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
    return ways(guest, new Change(routes, gateways, null, List.of(), null, null));
  }

  /** The same, as it is once a change is made; for a guest that does not wait for that. */
  Ways ways(GuestSpec guest, Change change) throws EngineException {
    List<RouteSpec> rules = new ArrayList<>();
    guest.uplink().ifPresent(name -> rules.add(toEverybody(guest, name)));
    change.rules.stream().filter(route -> route.isFor(guest)).forEach(rules::add);
    GatewaySpec gateway = change.gateways.get(guest.network());
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
        path = Path.ownPort(uplink.number());
      } else if (rule.endpoint().isPresent()) {
        path = permanent(who, uplink, guest.network(), guest.mtu(), rule.endpoint().get());
      }
      decided |= unconditional && path != null;
      int number = number(uplink);
      resolved.add(new Route(rule.destination().orElse(null), number, path));
    }
    Set<String> names = rules.stream().map(RouteSpec::uplink).collect(Collectors.toSet());
    if (change.from != null) {
      return new Ways(new Routes(resolved, number(change.from), number(change.to)), own, names);
    }
    return new Ways(resolved.isEmpty() ? Routes.NONE : new Routes(resolved), own, names);
  }

  /** As in {@link Path}. */
  private static int number(Uplink uplink) {
    return uplink.isShared() ? uplink.number() : ~uplink.number();
  }

  /** Whether a rule is for a guest. */
  boolean isFor(String rule, GuestSpec guest) {
    return routes.stream().anyMatch(route -> route.id().equals(rule) && route.isFor(guest));
  }

  /** What a swap changes of all this; nothing is done yet. */
  Change change(SwapScope scope, Optional<String> to, Optional<String> endpoint)
      throws EngineException {
    Change.Lead now = new Change.Lead(List.copyOf(routes), Map.copyOf(gateways));
    if (scope instanceof SwapScope.Rule rule) {
      if (routes.stream().noneMatch(route -> route.id().equals(rule.id()))) {
        throw new EngineException(
            EngineException.Kind.UNKNOWN,
            "there is no route '%s'; there are: %s"
                .formatted(rule.id(), routes.stream().map(RouteSpec::id).toList()));
      }
    }
    if (to.isEmpty() || !(scope instanceof SwapScope.Rule || scope instanceof SwapScope.OfUplink)) {
      return new Change(now.rules, now.gateways, now, List.of(), null, null);
    }
    Uplink next = uplinks.get("swap", to.get());
    List<RouteSpec> rules = new ArrayList<>();
    for (RouteSpec route : routes) {
      boolean moves =
          switch (scope) {
            case SwapScope.Rule rule -> route.id().equals(rule.id());
            case SwapScope.OfUplink from -> route.uplink().equals(from.name());
            default -> false;
          };
      rules.add(
          moves
              ? route.to(
                  to.get(),
                  moved("route " + route.id(), route.endpoint().orElse(null), next, endpoint))
              : route);
    }
    if (!(scope instanceof SwapScope.OfUplink from)) {
      return new Change(rules, now.gateways, now, List.of(), null, null);
    }
    Uplink old = uplinks.get("swap", from.name());
    Map<Integer, GatewaySpec> defaults = new TreeMap<>(gateways);
    for (GatewaySpec gateway : gateways.values()) {
      if (gateway.peer().uplink().equals(from.name())) {
        defaults.put(gateway.network(), moved(gateway, old, next, endpoint));
      }
    }
    return new Change(rules, defaults, now, moved(old, next), old, next);
  }

  private static Optional<String> moved(
      String who, String before, Uplink next, Optional<String> endpoint) throws EngineException {
    if (!next.isShared()) {
      return Optional.empty();
    }
    if (before != null && endpoint.isEmpty()) {
      throw new EngineException(
          EngineException.Kind.INVALID,
          "%s leads to %s now: say which endpoint on uplink '%s' it is to lead to"
              .formatted(who, before, next.name()));
    }
    return endpoint;
  }

  private static GatewaySpec moved(
      GatewaySpec gateway, Uplink old, Uplink next, Optional<String> endpoint)
      throws EngineException {
    String who = "the default of network " + gateway.network();
    if (old.isShared() != next.isShared()) {
      throw new EngineException(
          EngineException.Kind.INVALID,
          "%s can't be swapped between uplinks of which only one is shared: '%s', '%s'"
              .formatted(who, old.name(), next.name()));
    }
    String place = moved(who, gateway.peer().endpoint(), next, endpoint).orElse(null);
    return new GatewaySpec(
        gateway.network(),
        gateway.tenant(),
        new PeerSpec(next.name(), place),
        gateway.isSource(),
        gateway.mtu());
  }

  private List<RemoteSpec> moved(Uplink old, Uplink next) throws EngineException {
    List<RemoteSpec> moved = new ArrayList<>();
    for (Remote remote : remotes.values()) {
      if (!remote.spec.peers().getFirst().uplink().equals(old.name())) {
        continue;
      }
      if (remote.station.on(number(next)) == null) {
        throw new EngineException(
            EngineException.Kind.INVALID,
            "remote '%s' has no place on uplink '%s': give it one under alternatives"
                .formatted(remote.spec.id(), next.name()));
      }
      moved.add(remote.spec);
    }
    return moved;
  }

  /** Takes frames from where a change leads to, too. */
  void open(Change change) throws EngineException {
    for (GatewaySpec gateway : changedGateways(change)) {
      directory.gateway(gateway.network()).open(place(gateway));
    }
  }

  /** Makes a change: for guests that come later, and for what all guests share. */
  void make(Change change) {
    lead(change.rules, change.gateways, change);
    for (RemoteSpec spec : change.moved) {
      prefer(spec, change.to);
    }
  }

  /** Makes it undone. */
  void takeBack(Change change) {
    lead(change.before.rules, change.before.gateways, change);
    for (RemoteSpec spec : change.moved) {
      prefer(spec, change.from);
    }
  }

  private void lead(List<RouteSpec> rules, Map<Integer, GatewaySpec> defaults, Change change) {
    routes.clear();
    routes.addAll(rules);
    List<GatewaySpec> changed = changedGateways(change);
    gateways.putAll(defaults);
    for (GatewaySpec gateway : changed) {
      GatewaySpec now = gateways.get(gateway.network());
      directory.move(now.network(), now.tenant(), known(now));
    }
  }

  private List<GatewaySpec> changedGateways(Change change) {
    return change.gateways.values().stream()
        .filter(gateway -> !gateway.equals(change.before.gateways.get(gateway.network())))
        .filter(gateway -> directory.gateway(gateway.network()) != null)
        .toList();
  }

  private Path place(GatewaySpec gateway) throws EngineException {
    String who = "network " + gateway.network();
    Uplink uplink = uplinks.get(who, gateway.peer().uplink());
    return permanent(who, uplink, gateway.network(), gateway.mtu(), gateway.peer().endpoint());
  }

  /** A place that has been opened before, so nothing can be wrong with it. */
  private Path known(GatewaySpec gateway) {
    try {
      return place(gateway);
    } catch (EngineException e) {
      throw new IllegalStateException(e);
    }
  }

  private void prefer(RemoteSpec spec, Uplink uplink) {
    Remote remote = remotes.get(spec.id());
    if (remote == null) {
      return;
    }
    remote.spec = remote.spec.preferring(uplink.name());
    directory.prefer(remote.station, remote.station.on(number(uplink)));
  }

  /** A change is through, or undone: frames come from where they now go to alone. */
  void settle(Change change) {
    for (GatewaySpec gateway : changedGateways(change)) {
      directory.gateway(gateway.network()).settle();
    }
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
        "uplink",
        Optional.of(guest.network()),
        Optional.empty(),
        Optional.empty(),
        uplink,
        Optional.empty());
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
