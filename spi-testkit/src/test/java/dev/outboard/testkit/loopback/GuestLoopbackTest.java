package dev.outboard.testkit.loopback;

import dev.outboard.spi.TransportProvider;
import dev.outboard.testkit.GuestTransportKit;

/** Guests' ports in memory keep the contract. */
class GuestLoopbackTest extends GuestTransportKit {
  private final LoopbackProvider provider = LoopbackProvider.perGuest(false);

  @Override
  protected TransportProvider provider() {
    return provider;
  }
}
