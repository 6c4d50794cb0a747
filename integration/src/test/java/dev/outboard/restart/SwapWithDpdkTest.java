package dev.outboard.restart;

import dev.outboard.lab.JoinedNamespaces;
import dev.outboard.lab.Lab;
import dev.outboard.testing.LongTier;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A Linux guest on each of two hosts, joined by four wires: of bridges, of the kernel's sockets, of
 * DPDK with plain Ethernet, and of DPDK with VXLAN. Their frames take DPDK's and one of the others
 * in turns while they flow: all arrive, none twice.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SwapWithDpdkTest {
  private TwoDaemons hosts;

  /** How their frames go when no test runs. */
  private static final String USUAL = "wan";

  @BeforeAll
  void boot(@TempDir Path directory) throws Exception {
    Lab.require();
    Lab.requireDpdk();
    hosts =
        new TwoDaemons(
            directory,
            4,
            (host, far) ->
                """
                uplinks:
                  lan: {transport: tuntap, bridge.device: %1$s}
                  wan: {transport: iouring, address: %2$s}
                  wire: {transport: dpdk, device: 'net_af_xdp0,iface=veth2'}
                  tunnel: {transport: dpdk, device: 'net_af_xdp1,iface=veth3', mtu: 1600,
                    address: %2$s/24}
                remotes:
                  - id: far
                    mac: '%3$s'
                    addresses: [%4$s, '%5$s']
                    uplink: wan
                    endpoint: %6$s
                    alternatives:
                      - {uplink: lan}
                      - {uplink: wire, endpoint: wire}
                      - {uplink: tunnel, endpoint: %6$s}
                """
                    .formatted(
                        JoinedNamespaces.LINK,
                        TwoDaemons.address(host),
                        far.mac(),
                        far.address(),
                        far.address6(),
                        TwoDaemons.address(1 - host)));
  }

  @AfterAll
  void end() throws Exception {
    if (hosts != null) {
      hosts.close();
    }
  }

  private static String swap(String from, String to) {
    return "{\"uplink\": \"%s\", \"to\": \"%s\"}".formatted(from, to);
  }

  private SwapTraffic between(String from, String to) {
    return hosts.traffic("swap, " + from + " and " + to, swap(from, to), swap(to, from));
  }

  @ParameterizedTest
  @CsvSource({"wan, wire", "wan, tunnel", "lan, wire", "lan, tunnel"})
  void numberedFramesArriveOnceAndAStreamIsWhatWasSent(String from, String to) throws Exception {
    boolean isUsual = from.equals(USUAL);
    if (!isUsual) {
      between(USUAL, from).swap(1, 0);
    }
    try {
      between(from, to).numbers(4);
      between(from, to).stream(2);
    } finally {
      if (!isUsual) {
        between(from, USUAL).swap(1, 0);
      }
    }
  }

  @LongTier("swap-dpdk")
  void numberedFramesArriveOnceThroughAHundredSwaps() throws Exception {
    between("wan", "wire").numbers(100);
    between("wan", "tunnel").numbers(100);
  }
}
