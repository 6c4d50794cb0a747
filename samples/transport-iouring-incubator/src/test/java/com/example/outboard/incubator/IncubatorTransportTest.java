package com.example.outboard.incubator;

import dev.outboard.spi.TransportProvider;
import dev.outboard.testkit.SharedTransportKit;
import dev.outboard.testkit.Side;

/** It keeps every rule of the contract. */
class IncubatorTransportTest extends SharedTransportKit {
  @Override
  protected TransportProvider provider() {
    return new IncubatorProvider();
  }

  @Override
  protected Side left() {
    return Side.at("127.0.0.4:7000").with("local", "127.0.0.4:7000");
  }

  @Override
  protected Side right() {
    return Side.at("127.0.0.5:7000").with("local", "127.0.0.5:7000");
  }
}
