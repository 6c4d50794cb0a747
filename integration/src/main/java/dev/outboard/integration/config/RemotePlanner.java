package dev.outboard.integration.config;

import static dev.outboard.integration.config.Checks.at;

import dev.outboard.engine.GatewaySpec;
import dev.outboard.engine.PeerSpec;
import dev.outboard.engine.RemoteSpec;
import dev.outboard.engine.RouteSpec;
import dev.outboard.engine.forwarding.Prefix;
import dev.outboard.integration.wire.RemoteRequest;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes complete remotes, routes and gateways of what a user said of them. The one set of rules for
 * the configuration file and the API. Any thread.
 */
public final class RemotePlanner {
  private static final int MAX_NETWORK = (1 << 24) - 1;
  private static final int DEFAULT_MTU = 1500;
  private static final String DEFAULT_TENANT = "default";

  private final Map<Integer, Integer> mtus;
  private final UplinkNames uplinks;

  /**
   * Knows what can be referred to.
   *
   * @param mtus by network
   */
  RemotePlanner(Map<Integer, Integer> mtus, UplinkNames uplinks) {
    this.mtus = Map.copyOf(mtus);
    this.uplinks = uplinks;
  }

  /** The remote that the API was asked for. */
  public RemoteSpec plan(RemoteRequest request) throws InvalidValueException {
    return plan(List.of(), request);
  }

  RemoteSpec plan(List<Object> base, RemoteRequest request) throws InvalidValueException {
    if (request == null || request.id() == null) {
      throw new InvalidValueException(base, "a remote needs an id");
    }
    String id = Checks.name(at(base, "id"), request.id());
    int network = Checks.range(at(base, "network"), request.network(), 1, 1, MAX_NETWORK);
    List<PeerSpec> peers = new ArrayList<>();
    peers.add(peer(base, request.uplink(), request.endpoint()));
    List<RemoteRequest.Peer> others =
        request.alternatives() == null ? List.of() : request.alternatives();
    for (RemoteRequest.Peer other : others) {
      List<Object> path = at(base, "alternatives", peers.size() - 1);
      if (other == null) {
        throw new InvalidValueException(path, "an alternative needs an uplink and an endpoint");
      }
      peers.add(peer(path, other.uplink(), other.endpoint()));
    }
    return new RemoteSpec(
        id,
        tenant(base, request.tenant()),
        network,
        request.mac() == null
            ? GuestPlanner.derivedMac(id)
            : Checks.mac(at(base, "mac"), request.mac()),
        Checks.addresses(at(base, "addresses"), request.addresses()),
        mtus.getOrDefault(network, DEFAULT_MTU),
        peers);
  }

  private static String tenant(List<Object> base, String name) throws InvalidValueException {
    return name == null ? DEFAULT_TENANT : Checks.name(at(base, "tenant"), name);
  }

  private PeerSpec peer(List<Object> base, String uplink, String endpoint)
      throws InvalidValueException {
    return new PeerSpec(uplink(base, uplink), endpoint);
  }

  private String uplink(List<Object> base, String name) throws InvalidValueException {
    if (name == null) {
      throw new InvalidValueException(base, "an uplink is missing; known: " + uplinks);
    }
    return uplinks.known(at(base, "uplink"), name);
  }

  /** The rules of the {@code routes:} section. */
  List<RouteSpec> routes(List<Config.Route> routes) throws InvalidValueException {
    List<RouteSpec> plans = new ArrayList<>();
    for (Config.Route route : routes == null ? List.<Config.Route>of() : routes) {
      List<Object> base = List.of("routes", plans.size());
      if (route == null) {
        throw new InvalidValueException(base, "a route needs an uplink");
      }
      Optional<Integer> network = Optional.ofNullable(route.network());
      if (network.isPresent()) {
        Checks.range(at(base, "network"), route.network(), 1, 1, MAX_NETWORK);
      }
      Optional<String> guestClass = Optional.ofNullable(route.guestClass());
      if (guestClass.isPresent()) {
        Checks.name(at(base, "class"), route.guestClass());
      }
      plans.add(
          new RouteSpec(
              route.id() == null
                  ? Integer.toString(plans.size() + 1)
                  : Checks.name(at(base, "id"), route.id()),
              network,
              guestClass,
              route.destination() == null
                  ? Optional.empty()
                  : Optional.of(prefix(at(base, "destination"), route.destination())),
              uplink(base, route.uplink()),
              Optional.ofNullable(route.endpoint())));
    }
    return plans;
  }

  private static Prefix prefix(List<Object> path, String text) throws InvalidValueException {
    int slash = text.indexOf('/');
    InetAddress address = Checks.address(path, slash < 0 ? text : text.substring(0, slash));
    int bits = address.getAddress().length * 8;
    if (slash < 0) {
      return new Prefix(address, bits);
    }
    String length = text.substring(slash + 1);
    if (!length.matches("[0-9]{1,3}") || Integer.parseInt(length) > bits) {
      throw new InvalidValueException(
          path, "'" + text + "' is not a range of addresses; write it like 10.1.0.0/16");
    }
    return new Prefix(address, Integer.parseInt(length));
  }

  /** Where the unknown stations of networks are, as the {@code networks:} section says. */
  List<GatewaySpec> gateways(List<Config.Network> networks) throws InvalidValueException {
    List<GatewaySpec> plans = new ArrayList<>();
    List<Config.Network> all = networks == null ? List.of() : networks;
    for (int i = 0; i < all.size(); i++) {
      Config.Gateway gateway = all.get(i).gateway();
      if (gateway == null) {
        continue;
      }
      List<Object> base = List.of("networks", i, "default");
      int network = all.get(i).id();
      plans.add(
          new GatewaySpec(
              network,
              tenant(base, gateway.tenant()),
              new PeerSpec(uplink(base, gateway.uplink()), gateway.endpoint()),
              Boolean.TRUE.equals(gateway.isSource()),
              mtus.getOrDefault(network, DEFAULT_MTU)));
    }
    return plans;
  }

  /** The stations of the {@code remotes:} section. */
  List<RemoteSpec> remotes(List<RemoteRequest> remotes) throws InvalidValueException {
    List<RemoteSpec> plans = new ArrayList<>();
    for (RemoteRequest remote : remotes == null ? List.<RemoteRequest>of() : remotes) {
      plans.add(plan(List.of("remotes", plans.size()), remote));
    }
    return plans;
  }
}
