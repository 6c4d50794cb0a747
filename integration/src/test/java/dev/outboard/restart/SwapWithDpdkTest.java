package dev.outboard.restart;

import dev.outboard.lab.JoinedNamespaces;
import dev.outboard.lab.Lab;
import dev.outboard.testing.LongTier;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * A Linux guest on each of two hosts, joined by three wires: of bridges, of the kernel's sockets,
 * and of DPDK. Their frames leave DPDK's for one of the others and come back while they flow: all
 * arrive, none twice.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SwapWithDpdkTest {
  private TwoDaemons hosts;
  private SwapTraffic sockets;
  private SwapTraffic taps;

  @BeforeAll
  void boot(@TempDir Path directory) throws Exception {
    Lab.require();
    Lab.requireDpdk();
    hosts =
        new TwoDaemons(
            directory,
            3,
            (host, far) ->
                """
                uplinks:
                  lan: {transport: tuntap, bridge.device: %s}
                  wan: {transport: iouring, address: %s}
                  wire: {transport: dpdk, device: 'net_af_xdp0,iface=veth2'}
                remotes:
                  - id: far
                    mac: '%s'
                    addresses: [%s, '%s']
                    uplink: wire
                    endpoint: wire
                    alternatives: [{uplink: lan}, {uplink: wan, endpoint: %s}]
                """
                    .formatted(
                        JoinedNamespaces.LINK,
                        TwoDaemons.address(host),
                        far.mac(),
                        far.address(),
                        far.address6(),
                        TwoDaemons.address(1 - host)));
    sockets = hosts.traffic("swap, dpdk and iouring", swap("wire", "wan"), swap("wan", "wire"));
    taps = hosts.traffic("swap, dpdk and tuntap", swap("wire", "lan"), swap("lan", "wire"));
  }

  private static String swap(String from, String to) {
    return "{\"uplink\": \"%s\", \"to\": \"%s\"}".formatted(from, to);
  }

  @AfterAll
  void end() throws Exception {
    if (hosts != null) {
      hosts.close();
    }
  }

  @Test
  void numberedFramesArriveOnceThroughSwapsWithTheKernelsSockets() throws Exception {
    sockets.numbers(4);
  }

  @Test
  void numberedFramesArriveOnceThroughSwapsWithTaps() throws Exception {
    taps.numbers(4);
  }

  @Test
  void aStreamIsWhatWasSentThroughSwapsWithTheKernelsSockets() throws Exception {
    sockets.stream(4);
  }

  @Test
  void aStreamIsWhatWasSentThroughSwapsWithTaps() throws Exception {
    taps.stream(4);
  }

  @LongTier("swap-dpdk")
  void numberedFramesArriveOnceThroughAHundredSwaps() throws Exception {
    sockets.numbers(100);
    taps.numbers(100);
  }
}
