package dev.outboard.integration.runtime;

import dev.outboard.engine.Engine;
import dev.outboard.engine.GatewaySpec;
import dev.outboard.engine.GuestSpec;
import dev.outboard.engine.GuestStatus;
import dev.outboard.engine.PeerSpec;
import dev.outboard.engine.RemoteSpec;
import dev.outboard.engine.RouteSpec;
import dev.outboard.integration.config.Plan;
import dev.outboard.integration.wire.SwappedWay;
import dev.outboard.integration.wire.SwappedWay.Kind;
import jakarta.inject.Inject;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What finished swaps have made of guests, routes, remotes and defaults of the configuration file,
 * kept over the end of a daemon: the file says what was there at first, a swap is what somebody
 * said later. {@link #keep} after each swap, from any thread; the rest by the thread that starts
 * the daemon.
 *
 * <p>What is kept is the difference between the file and the engine. So a swap back leaves nothing,
 * and nothing has to be remembered meanwhile.
 */
public final class SwappedWays {
  private final Plan plan;
  private final KeptWays kept;

  /** What the daemon before has kept, by {@link SwappedWay#id}. */
  private final Map<String, SwappedWay> found = new TreeMap<>();

  @Inject
  SwappedWays(Plan plan, KeptWays kept) {
    this.plan = plan;
    this.kept = kept;
  }

  /** Reads what the daemon before has kept; what is of no use any more goes, with a line. */
  public void load(Consumer<String> log) throws IOException {
    found.clear();
    for (SwappedWay way : kept.load(log)) {
      String id = SwappedWay.id(way.kind(), way.name());
      if (!isConfigured(way)) {
        kept.remove(id);
        log.accept(
            words(way) + ": is not in the configuration any more, and its swap is forgotten");
      } else if (way.uplink() != null && !plan.uplinkNames().has(way.uplink())) {
        kept.remove(id);
        log.accept(
            "%s: was swapped to uplink %s, which is not there any more: as the configuration says"
                .formatted(words(way), way.uplink()));
      } else {
        found.put(id, way);
      }
    }
  }

  private boolean isConfigured(SwappedWay way) {
    String name = way.name();
    return switch (way.kind()) {
      case GUEST -> plan.guests().stream().anyMatch(guest -> guest.id().equals(name));
      case ROUTE -> plan.routes().stream().anyMatch(route -> route.id().equals(name));
      case REMOTE -> plan.remotes().stream().anyMatch(remote -> remote.id().equals(name));
      case DEFAULT -> plan.gateways().stream().anyMatch(g -> name.equals("" + g.network()));
    };
  }

  private static String words(SwappedWay way) {
    return switch (way.kind()) {
      case GUEST -> "guest " + way.name();
      case ROUTE -> "route " + way.name();
      case REMOTE -> "remote " + way.name();
      case DEFAULT -> "the default of network " + way.name();
    };
  }

  /** The guest as it was last. */
  public GuestSpec last(GuestSpec guest, Consumer<String> log) {
    SwappedWay way = find(Kind.GUEST, guest.id());
    if (way == null) {
      return guest;
    }
    boolean local = Objects.requireNonNullElse(way.localForwarding(), guest.localForwarding());
    GuestSpec last = guest.onWay(Optional.ofNullable(way.uplink()), local);
    if (!last.equals(guest)) {
      log.accept(
          "%s: %s, by a swap; the configuration says %s"
              .formatted(words(way), words(last), words(guest)));
    }
    return last;
  }

  private static String words(GuestSpec guest) {
    return "%s, local-forwarding %s"
        .formatted(
            guest.uplink().map(name -> "uplink " + name).orElse("no uplink of its own"),
            guest.localForwarding() ? "on" : "off");
  }

  /** The rule as it was last. */
  public RouteSpec last(RouteSpec route, Consumer<String> log) {
    SwappedWay way = find(Kind.ROUTE, route.id());
    if (way == null) {
      return route;
    }
    said(way, route.uplink(), log);
    return route.to(way.uplink(), Optional.ofNullable(way.endpoint()));
  }

  /** The default of a network as it was last. */
  public GatewaySpec last(GatewaySpec gateway, Consumer<String> log) {
    SwappedWay way = find(Kind.DEFAULT, "" + gateway.network());
    if (way == null) {
      return gateway;
    }
    said(way, gateway.peer().uplink(), log);
    return to(gateway, new PeerSpec(way.uplink(), way.endpoint()));
  }

  private static GatewaySpec to(GatewaySpec gateway, PeerSpec peer) {
    return new GatewaySpec(
        gateway.network(), gateway.tenant(), peer, gateway.isSource(), gateway.mtu());
  }

  /** The remote as it was last, unless it has no place there any more. */
  public RemoteSpec last(RemoteSpec remote, Consumer<String> log) {
    SwappedWay way = find(Kind.REMOTE, remote.id());
    if (way == null
        || remote.peers().stream().noneMatch(peer -> peer.uplink().equals(way.uplink()))) {
      return remote;
    }
    said(way, remote.peers().getFirst().uplink(), log);
    return remote.preferring(way.uplink());
  }

  private SwappedWay find(Kind kind, String name) {
    return found.get(SwappedWay.id(kind, name));
  }

  private static void said(SwappedWay way, String before, Consumer<String> log) {
    if (!way.uplink().equals(before)) {
      log.accept(
          "%s: uplink %s, by a swap; the configuration says %s"
              .formatted(words(way), way.uplink(), before));
    }
  }

  /** Keeps what differs from the configuration now, and forgets what does not any more. */
  public synchronized void keep(Engine engine) throws IOException {
    Map<String, GuestSpec> guests =
        engine.guests().stream()
            .map(GuestStatus::spec)
            .collect(Collectors.toMap(GuestSpec::id, Function.identity()));
    for (GuestSpec guest : plan.guests()) {
      GuestSpec now = guests.get(guest.id());
      if (now != null) {
        keep(!now.equals(guest), way(now));
      }
    }
    Map<String, RouteSpec> routes =
        engine.routes().stream().collect(Collectors.toMap(RouteSpec::id, Function.identity()));
    for (RouteSpec route : plan.routes()) {
      RouteSpec now = routes.getOrDefault(route.id(), route);
      keep(!now.equals(route), way(now));
    }
    for (GatewaySpec now : engine.gateways()) {
      keep(!plan.gateways().contains(now), way(now));
    }
    Map<String, RemoteSpec> remotes =
        engine.remotes().stream().collect(Collectors.toMap(RemoteSpec::id, Function.identity()));
    for (RemoteSpec remote : plan.remotes()) {
      String usual = remotes.getOrDefault(remote.id(), remote).peers().getFirst().uplink();
      keep(
          !usual.equals(remote.peers().getFirst().uplink()),
          new SwappedWay(Kind.REMOTE, remote.id(), usual, null, null));
    }
  }

  private static SwappedWay way(GuestSpec guest) {
    return new SwappedWay(
        Kind.GUEST, guest.id(), guest.uplink().orElse(null), null, guest.localForwarding());
  }

  private static SwappedWay way(RouteSpec route) {
    return new SwappedWay(
        Kind.ROUTE, route.id(), route.uplink(), route.endpoint().orElse(null), null);
  }

  private static SwappedWay way(GatewaySpec gateway) {
    return new SwappedWay(
        Kind.DEFAULT,
        "" + gateway.network(),
        gateway.peer().uplink(),
        gateway.peer().endpoint(),
        null);
  }

  private void keep(boolean differs, SwappedWay way) throws IOException {
    if (differs) {
      kept.save(way);
    } else {
      boolean _ = kept.remove(SwappedWay.id(way.kind(), way.name()));
    }
  }

  /** What was kept of a guest did not work. */
  public void forget(GuestSpec guest) throws IOException {
    boolean _ = kept.remove(SwappedWay.id(Kind.GUEST, guest.id()));
  }
}
