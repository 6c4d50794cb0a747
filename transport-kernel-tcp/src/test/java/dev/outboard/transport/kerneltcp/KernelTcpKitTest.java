package dev.outboard.transport.kerneltcp;

import dev.outboard.spi.TransportProvider;
import dev.outboard.testkit.SharedTransportKit;
import dev.outboard.testkit.Side;
import org.junit.jupiter.api.Nested;

/** The transport keeps the SPI's contract, by IPv4 and IPv6; no privilege is needed. */
class KernelTcpKitTest {
  /** Two sidecars' uplinks on the loopback device. */
  abstract static class OverTcp extends SharedTransportKit {
    private static final String SECRET = SecretFile.of("a secret of the kit's own").toString();

    private final String host;

    OverTcp(String host) {
      this.host = host;
    }

    @Override
    protected TransportProvider provider() {
      return new KernelTcpProvider();
    }

    @Override
    protected Side left() {
      return side("27410");
    }

    @Override
    protected Side right() {
      return side("27411");
    }

    private Side side(String port) {
      return Side.at((host.contains(":") ? "[" + host + "]" : host) + ":" + port)
          .with("address", host)
          .with("port", port)
          .with("secret-file", SECRET);
    }
  }

  @Nested
  class ByIpv4 extends OverTcp {
    ByIpv4() {
      super("127.0.0.1");
    }
  }

  @Nested
  class ByIpv6 extends OverTcp {
    ByIpv6() {
      super("::1");
    }
  }
}
