package dev.outboard.testkit.loopback;

import dev.outboard.spi.TransportProvider;
import dev.outboard.testkit.SharedTransportKit;
import dev.outboard.testkit.Side;

/** Uplinks in memory keep the contract. */
class SharedLoopbackTest extends SharedTransportKit {
  private final LoopbackProvider provider = LoopbackProvider.shared(false);

  @Override
  protected TransportProvider provider() {
    return provider;
  }

  @Override
  protected Side left() {
    return Side.at("left").with("endpoint", "left");
  }

  @Override
  protected Side right() {
    return Side.at("right").with("endpoint", "right");
  }
}
