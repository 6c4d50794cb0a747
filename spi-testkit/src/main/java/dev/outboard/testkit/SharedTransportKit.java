package dev.outboard.testkit;

import dev.outboard.spi.Capabilities;
import dev.outboard.spi.FramePort;
import dev.outboard.spi.TransportException;

/**
 * The suite for transports of {@link Capabilities.Scope#SHARED} scope. A subclass names the
 * provider and two {@link Side}s, which must differ.
 */
public abstract class SharedTransportKit extends TransportKit
    implements SharedReceiveRules, SharedWakeRules, PeerRules {
  /** For subclasses. */
  protected SharedTransportKit() {}

  @Override
  final Capabilities.Scope scope() {
    return Capabilities.Scope.SHARED;
  }

  @Override
  final FramePort openPort(Uplink uplink, End.Place place) throws TransportException {
    return uplink.transport().openSharedPort(place.worker());
  }

  @Override
  final Inbox inbox(FramePort port, Uplink uplink, End.Place place) {
    return new SharedInbox(port, uplink.host().regions());
  }

  @Override
  final Route connect(Uplink from, Uplink to, int network) throws TransportException {
    return new Route(
        from.openPeer(network, to.side().endpoint()), to.openPeer(network, from.side().endpoint()));
  }
}
