package dev.outboard.testkit.broken;

import dev.outboard.spi.Counter;
import dev.outboard.spi.MacAddress;
import dev.outboard.spi.PortSpec;

/** What another specification says, but for what a fault overrides. */
class BrokenSpec implements PortSpec {
  private final PortSpec real;

  BrokenSpec(PortSpec real) {
    this.real = real;
  }

  @Override
  public String guest() {
    return real.guest();
  }

  @Override
  public String tenant() {
    return real.tenant();
  }

  @Override
  public int network() {
    return real.network();
  }

  @Override
  public MacAddress mac() {
    return real.mac();
  }

  @Override
  public int mtu() {
    return real.mtu();
  }

  @Override
  public Counter dropCounter(String reason) {
    return real.dropCounter(reason);
  }
}
