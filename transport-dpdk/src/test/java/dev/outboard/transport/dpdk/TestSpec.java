package dev.outboard.transport.dpdk;

import dev.outboard.spi.Counter;
import dev.outboard.spi.MacAddress;
import dev.outboard.spi.PortSpec;
import java.util.function.Function;

/** A guest of the tests'. */
record TestSpec(
    String guest,
    String tenant,
    int network,
    MacAddress mac,
    int mtu,
    Function<String, Counter> counters)
    implements PortSpec {
  @Override
  public Counter dropCounter(String reason) {
    return counters.apply(reason);
  }
}
