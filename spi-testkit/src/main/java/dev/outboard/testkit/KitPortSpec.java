package dev.outboard.testkit;

import dev.outboard.spi.Counter;
import dev.outboard.spi.MacAddress;
import dev.outboard.spi.PortSpec;

/** A guest of the kit's, whose counters its host has. */
record KitPortSpec(KitHost host, int number, int network, int mtu) implements PortSpec {
  @Override
  public String guest() {
    return "guest-" + number;
  }

  @Override
  public String tenant() {
    return "kit";
  }

  @Override
  public MacAddress mac() {
    return Frames.mac(number);
  }

  @Override
  public Counter dropCounter(String reason) {
    return host.portCounter(reason);
  }
}
