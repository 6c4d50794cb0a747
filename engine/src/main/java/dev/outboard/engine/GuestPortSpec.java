package dev.outboard.engine;

import dev.outboard.engine.forwarding.GuestCounters;
import dev.outboard.spi.Counter;
import dev.outboard.spi.MacAddress;
import dev.outboard.spi.PortSpec;

/** A guest as a transport sees it that opens a port for it. */
record GuestPortSpec(GuestSpec of, GuestCounters counters) implements PortSpec {
  @Override
  public String guest() {
    return of.id();
  }

  @Override
  public String tenant() {
    return of.tenant();
  }

  @Override
  public int network() {
    return of.network();
  }

  @Override
  public MacAddress mac() {
    return of.mac();
  }

  @Override
  public int mtu() {
    return of.mtu();
  }

  @Override
  public Counter dropCounter(String reason) {
    return counters.uplinkDrop(reason);
  }
}
