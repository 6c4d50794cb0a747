package dev.outboard.testkit.loopback;

import dev.outboard.spi.TransportProvider;
import dev.outboard.testkit.GuestTransportKit;

/** Guests' ports in memory that hold frames keep the contract. */
class HoldingGuestLoopbackTest extends GuestTransportKit {
  private final LoopbackProvider provider = LoopbackProvider.perGuest(true);

  @Override
  protected TransportProvider provider() {
    return provider;
  }
}
