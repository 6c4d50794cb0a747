package dev.outboard.transport.tuntap;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.outboard.linux.Namespaces;
import dev.outboard.linux.Processes;
import dev.outboard.spi.TransportProvider;
import dev.outboard.testkit.GuestTransportKit;
import dev.outboard.testkit.Side;

/** The transport keeps the SPI's contract: two guests of one bridge. */
class TuntapKitTest extends GuestTransportKit {
  @Override
  protected void prepare() throws Exception {
    assumeTrue(Processes.isRoot(), "network namespaces need root: sudo ./check");
    Namespaces.unshareNetwork();
  }

  @Override
  protected TransportProvider provider() {
    return new TuntapProvider();
  }

  @Override
  protected Side left() {
    return Side.withDefaults().with("pool.min", "0");
  }
}
