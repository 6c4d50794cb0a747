package dev.outboard.transport.iouring;

import dev.outboard.spi.TransportProvider;
import dev.outboard.testkit.SharedTransportKit;
import dev.outboard.testkit.Side;
import org.junit.jupiter.api.Nested;

/** The transport keeps the SPI's contract: by IPv4 and IPv6, with a copy and without one. */
class VxlanKitTest {
  /** Two hosts' uplinks in one private network. */
  abstract static class OverUdp extends SharedTransportKit {
    private final Underlay underlay;
    private final String zeroCopy;

    OverUdp(Underlay underlay, String zeroCopy) {
      this.underlay = underlay;
      this.zeroCopy = zeroCopy;
    }

    @Override
    protected void prepare() throws Exception {
      underlay.enterPrivateNetwork();
    }

    @Override
    protected TransportProvider provider() {
      return new IoUringProvider();
    }

    @Override
    protected Side left() {
      return side(underlay.here);
    }

    @Override
    protected Side right() {
      return side(underlay.there);
    }

    private Side side(String address) {
      return Side.at(address).with("address", address).with("zero-copy", zeroCopy);
    }
  }

  @Nested
  class ByIpv4 extends OverUdp {
    ByIpv4() {
      super(Underlay.IPV4, "0");
    }
  }

  @Nested
  class ByIpv6 extends OverUdp {
    ByIpv6() {
      super(Underlay.IPV6, "0");
    }
  }

  @Nested
  class ByIpv4WithoutCopy extends OverUdp {
    ByIpv4WithoutCopy() {
      super(Underlay.IPV4, "1");
    }
  }

  @Nested
  class ByIpv6WithoutCopy extends OverUdp {
    ByIpv6WithoutCopy() {
      super(Underlay.IPV6, "1");
    }
  }
}
