package dev.outboard.transport.dpdk;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.outboard.linux.Namespaces;
import dev.outboard.linux.Processes;
import dev.outboard.spi.TransportProvider;
import dev.outboard.testkit.SharedTransportKit;
import dev.outboard.testkit.Side;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;

/**
 * The transport keeps the SPI's contract from a {@code net_tap} to the host, which is {@code
 * net_af_packet} on the interface that the first one makes. This driver takes checksums and
 * super-frames over, so that it is shown here what a device is told of them.
 */
class TapKitTest {
  /** From the device to the kernel. */
  abstract static class OverTap extends SharedTransportKit {
    private final boolean zeroCopy;

    OverTap(boolean zeroCopy) {
      this.zeroCopy = zeroCopy;
    }

    @Override
    protected void prepare() throws Exception {
      assumeTrue(Processes.isRoot(), "network namespaces need root: sudo ./check");
      assumeTrue(Files.exists(Path.of("/dev/net/tun")), "there is no /dev/net/tun: modprobe tun");
      Namespaces.unshareNetwork();
      // The interface is there only while the device is: its host must say nothing from the start.
      Files.writeString(Path.of("/proc/sys/net/ipv6/conf/default/disable_ipv6"), "1");
    }

    @Override
    protected TransportProvider provider() {
      return new DpdkProvider();
    }

    @Override
    protected Side left() {
      return Side.at(Vlans.WIRE)
          .with("device", "net_tap0,iface=obtap0")
          .with("zero-copy", zeroCopy ? "on" : "off");
    }

    @Override
    protected Side right() {
      return Side.at(Vlans.WIRE).with("device", "net_af_packet0,iface=obtap0");
    }
  }

  /** Of the long tier: {@link MoreKitsTest}. */
  static class Copied extends OverTap {
    Copied() {
      super(false);
    }
  }

  @Nested
  class WithoutACopyOfOurs extends OverTap {
    WithoutACopyOfOurs() {
      super(true);
    }
  }
}
