package dev.outboard.testkit;

import dev.outboard.spi.Capabilities;
import dev.outboard.spi.FramePort;
import dev.outboard.spi.TransportException;

/**
 * The suite for transports of {@link Capabilities.Scope#PER_GUEST} scope. A subclass names the
 * provider, and the settings of one uplink whose ports reach each other, or of two.
 */
public abstract class GuestTransportKit extends TransportKit
    implements DirectReceiveRules, GuestWakeRules, GuestPortRules {
  /** For subclasses. */
  protected GuestTransportKit() {}

  @Override
  protected Side left() {
    return Side.withDefaults();
  }

  @Override
  protected Side right() {
    return left();
  }

  @Override
  final Capabilities.Scope scope() {
    return Capabilities.Scope.PER_GUEST;
  }

  @Override
  final FramePort openPort(Uplink uplink, End.Place place) throws TransportException {
    return uplink.transport().openPort(place.spec(uplink.host()));
  }

  @Override
  final Inbox inbox(FramePort port, Uplink uplink, End.Place place) {
    return new DirectInbox(port, uplink.host().regions(), place.mtu());
  }

  @Override
  final Route connect(Uplink from, Uplink to, int network) {
    return Route.NONE;
  }
}
