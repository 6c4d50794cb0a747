package dev.outboard.transport.dpdk;

import dev.outboard.spi.TransportProvider;
import dev.outboard.testkit.GuestTransportKit;
import dev.outboard.testkit.Side;

/** Devices of guests' own keep the SPI's contract, between two {@code net_ring} devices. */
class GuestKitTest extends GuestTransportKit {
  @Override
  protected TransportProvider provider() {
    return new DpdkProvider();
  }

  @Override
  protected Side left() {
    return side("net_ring0", "net_ring1");
  }

  @Override
  protected Side right() {
    return side("net_ring1", "net_ring0");
  }

  private static Side side(String here, String there) {
    return Side.withDefaults().with("per-guest", "true").with("device", here + ",peer=" + there);
  }
}
