package dev.outboard.engine;

import dev.outboard.engine.forwarding.Prefix;
import java.util.Optional;

/**
 * A rule that chooses the uplink for frames of guests. Rules are looked at in the order in which
 * they were given; what is left out fits everything.
 *
 * @param id unique name
 * @param network guests of this network
 * @param guestClass guests of this class
 * @param destination frames to these IP addresses
 * @param uplink the uplink's name
 * @param endpoint where frames go to whose destination nobody knows, if the uplink is shared; if
 *     left out, the rule is for known stations only
 */
public record RouteSpec(
    String id,
    Optional<Integer> network,
    Optional<String> guestClass,
    Optional<Prefix> destination,
    String uplink,
    Optional<String> endpoint) {

  /** The same rule, to another uplink. */
  public RouteSpec to(String otherUplink, Optional<String> otherEndpoint) {
    return new RouteSpec(id, network, guestClass, destination, otherUplink, otherEndpoint);
  }

  boolean isFor(GuestSpec guest) {
    return network.orElse(guest.network()) == guest.network()
        && guestClass.orElse(guest.guestClass()).equals(guest.guestClass());
  }
}
