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
 * A Linux guest on each of two hosts, joined by two wires: one is a port of a bridge on either
 * host, over the other go datagrams of VXLAN. Their frames take one and the other in turns while
 * they flow.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SwapBetweenHostsTest {
  private static final String TO_TAPS = "{\"uplink\": \"wan\", \"to\": \"lan\"}";
  private static final String TO_VXLAN = "{\"uplink\": \"lan\", \"to\": \"wan\"}";

  private TwoDaemons hosts;
  private SwapTraffic traffic;

  @BeforeAll
  void boot(@TempDir Path directory) throws Exception {
    Lab.require();
    hosts =
        new TwoDaemons(
            directory,
            2,
            (host, far) ->
                """
                uplinks:
                  lan: {transport: tuntap, bridge.device: %s}
                  wan: {transport: iouring, address: %s}
                remotes:
                  - id: far
                    mac: '%s'
                    addresses: [%s, '%s']
                    uplink: wan
                    endpoint: %s
                    alternatives: [{uplink: lan}]
                """
                    .formatted(
                        JoinedNamespaces.LINK,
                        TwoDaemons.address(host),
                        far.mac(),
                        far.address(),
                        far.address6(),
                        TwoDaemons.address(1 - host)));
    traffic = hosts.traffic("swap, two hosts", TO_TAPS, TO_VXLAN);
  }

  @AfterAll
  void end() throws Exception {
    if (hosts != null) {
      hosts.close();
    }
  }

  @Test
  void numberedFramesArriveOnceThroughTwoSwaps() throws Exception {
    traffic.numbers(2);
  }

  @Test
  void aStreamIsWhatWasSentThroughTwoSwaps() throws Exception {
    traffic.stream(2);
  }

  @LongTier("swap-two-hosts")
  void numberedFramesArriveOnceThroughAHundredSwaps() throws Exception {
    traffic.numbers(100);
  }

  @LongTier("swap-two-hosts-stream")
  void aStreamIsWhatWasSentThroughAHundredSwaps() throws Exception {
    traffic.stream(100);
  }
}
