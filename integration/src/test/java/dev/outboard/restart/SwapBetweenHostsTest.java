package dev.outboard.restart;

import dev.outboard.lab.JoinedNamespaces;
import dev.outboard.lab.Lab;
import dev.outboard.lab.SecretFile;
import dev.outboard.testing.LongTier;
import dev.outboard.testing.SideBySide;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A Linux guest on each of two hosts, whose sidecars reach each other by every transport at once.
 * The guests' frames take two of these ways in turns while they flow: all arrive, none twice.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SideBySide
final class SwapBetweenHostsTest {
  /** How their frames go when no test runs. */
  private static final Way USUAL = Way.WAN;

  private TwoDaemons hosts;

  /** The uplinks of each host. */
  private enum Way {
    /** A bridge on each host, of which a wire is a port. */
    LAN,
    /** VXLAN by the kernel's sockets. */
    WAN,
    /** Connections of TCP. */
    TRUNK,
    /** Plain Ethernet, by DPDK. */
    WIRE,
    /** VXLAN, by DPDK. */
    TUNNEL;

    String uplink() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private record Pair(Way from, Way to) {
    boolean has(Way way) {
      return from == way || to == way;
    }
  }

  /** Each way with each other. */
  static Stream<Pair> pairs() {
    return Stream.of(Way.values())
        .flatMap(
            from ->
                Stream.of(Way.values())
                    .filter(to -> from.compareTo(to) < 0)
                    .map(to -> new Pair(from, to)));
  }

  /** Each way is left and taken; the others are of the long tier. */
  static Stream<Pair> somePairs() {
    return pairs().filter(pair -> pair.has(USUAL));
  }

  @BeforeAll
  void boot(@TempDir Path directory) throws Exception {
    Lab.require();
    Lab.requireDpdk();
    Path secret = SecretFile.in(directory);
    hosts =
        new TwoDaemons(
            directory,
            4,
            (host, far) ->
                """
                uplinks:
                  lan: {transport: tuntap, bridge.device: %1$s}
                  wan: {transport: iouring, address: %2$s}
                  trunk: {transport: kernel-tcp, address: %2$s, secret-file: %7$s}
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
                      - {uplink: trunk, endpoint: %6$s}
                      - {uplink: wire, endpoint: wire}
                      - {uplink: tunnel, endpoint: %6$s}
                """
                    .formatted(
                        JoinedNamespaces.LINK,
                        TwoDaemons.address(host),
                        far.mac(),
                        far.address(),
                        far.address6(),
                        TwoDaemons.address(1 - host),
                        secret));
  }

  @AfterAll
  void end() throws Exception {
    if (hosts != null) {
      hosts.close();
    }
  }

  private SwapTraffic between(Way from, Way to) {
    return hosts.traffic("swap, " + from + " and " + to, swap(from, to), swap(to, from));
  }

  private static String swap(Way from, Way to) {
    return "{\"uplink\": \"%s\", \"to\": \"%s\"}".formatted(from.uplink(), to.uplink());
  }

  private interface Body {
    void run(SwapTraffic traffic) throws Exception;
  }

  private void with(Pair pair, Body body) throws Exception {
    boolean isUsual = pair.from == USUAL;
    if (!isUsual) {
      between(USUAL, pair.from).swap(1, 0);
    }
    try {
      body.run(between(pair.from, pair.to));
    } finally {
      if (!isUsual) {
        between(pair.from, USUAL).swap(1, 0);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("somePairs")
  void numberedFramesArriveOnceAndAStreamIsWhatWasSent(Pair pair) throws Exception {
    with(
        pair,
        traffic -> {
          traffic.numbers(2);
          traffic.stream(2);
        });
  }

  @LongTier("swap-two-hosts")
  void numberedFramesArriveOnceThroughAHundredSwapsOfEachPair() throws Exception {
    for (Pair pair : pairs().toList()) {
      with(pair, traffic -> traffic.numbers(100));
    }
  }

  @LongTier("swap-two-hosts-stream")
  void aStreamIsWhatWasSentThroughAHundredSwapsOfEachPair() throws Exception {
    for (Pair pair : pairs().toList()) {
      with(pair, traffic -> traffic.stream(100));
    }
  }
}
