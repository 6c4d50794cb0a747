package dev.outboard.transport.dpdk;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.outboard.linux.Links;
import dev.outboard.linux.Namespaces;
import dev.outboard.linux.Processes;
import dev.outboard.spi.TransportProvider;
import dev.outboard.testkit.SharedTransportKit;
import dev.outboard.testkit.Side;
import org.junit.jupiter.api.Nested;

/**
 * The transport keeps the SPI's contract over interfaces of the kernel: a veth pair in a network of
 * the test's own, by {@code net_af_packet} and {@code net_af_xdp}.
 */
class KernelDeviceKitTest {
  /** Two uplinks at the ends of a veth pair. */
  abstract static class OverVeth extends SharedTransportKit {
    private final String driver;
    private final boolean zeroCopy;

    OverVeth(String driver, boolean zeroCopy) {
      this.driver = driver;
      this.zeroCopy = zeroCopy;
    }

    @Override
    protected void prepare() throws Exception {
      assumeTrue(Processes.isRoot(), "network namespaces need root: sudo ./check");
      Namespaces.unshareNetwork();
      Commands.run("ip", "link", "add", "left", "type", "veth", "peer", "name", "right");
      for (String device : new String[] {"left", "right"}) {
        Links.keepHostOff(device);
        Links.setUp(device);
      }
    }

    @Override
    protected TransportProvider provider() {
      return new DpdkProvider();
    }

    @Override
    protected Side left() {
      return side(0, "left");
    }

    @Override
    protected Side right() {
      return side(1, "right");
    }

    private Side side(int number, String device) {
      return Side.at(Vlans.WIRE)
          .with("device", driver + number + ",iface=" + device)
          .with("zero-copy", zeroCopy ? "on" : "off");
    }
  }

  /** Of the long tier: {@link MoreKitsTest}; {@link TapKitTest} has one at the other end. */
  static class ByAfPacket extends OverVeth {
    ByAfPacket() {
      super("net_af_packet", false);
    }
  }

  /** The driver reads payload where it lies. Of the long tier: {@link MoreKitsTest}. */
  static class ByAfPacketWithoutACopyOfOurs extends OverVeth {
    ByAfPacketWithoutACopyOfOurs() {
      super("net_af_packet", true);
    }
  }

  @Nested
  class ByAfXdp extends OverVeth {
    ByAfXdp() {
      super("net_af_xdp", false);
    }
  }
}
