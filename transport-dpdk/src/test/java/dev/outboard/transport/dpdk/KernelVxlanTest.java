package dev.outboard.transport.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.outboard.linux.Namespaces;
import dev.outboard.linux.Processes;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The kernel's VXLAN device is a peer that knows nothing of us: it finds our address by ARP or
 * neighbour discovery, and answers what a guest asks in the tunnel.
 */
class KernelVxlanTest {
  private static final int NETWORK = 7;
  private static final int ARP = 0x0806;

  @ParameterizedTest(name = "{0} by {1}")
  @CsvSource({
    "net_af_packet, 192.0.2.1, 192.0.2.2, /24",
    "net_af_packet, 2001:db8::1, 2001:db8::2, /64",
    "net_af_xdp, 192.0.2.1, 192.0.2.2, /24"
  })
  void theKernelAnswersInTheTunnelAndIsAnsweredOutside(
      String driver, String here, String there, String prefix) throws Exception {
    assumeTrue(Processes.isRoot(), "network namespaces need root: sudo ./check");
    Namespaces.inPrivateNetwork(
        () -> {
          makeKernelPeer(here, there, prefix);
          String device = "device=" + driver + "0,iface=left";
          try (TestHost host = TestHost.bound(device, "address=" + here + prefix)) {
            int hop = host.transport.openPeer(NETWORK, there).number();
            assertEquals(1, host.send(NETWORK, hop, question()));
            TestHost.Arrived answer = host.await(frame -> frame.type() == ARP);
            assertEquals(NETWORK, answer.network());
            assertEquals(hop, answer.hop());
            ping(host, here);
          }
          return null;
        });
  }

  private static void makeKernelPeer(String here, String there, String prefix) throws Exception {
    String commands =
        """
        ip link add left type veth peer name right
        ip link set left up
        ip link set right up
        ethtool -K right tx off >/dev/null
        ip address add %s%s dev right nodad
        ip link add vx type vxlan id %d remote %s dstport 4789 dev right udp6zerocsumrx
        ip address add 10.0.0.2/24 dev vx
        ip link set vx mtu 1400 up
        """
            .formatted(there, prefix, NETWORK, here);
    String _ =
        Commands.run(
            "sh",
            "-ec",
            commands.replace(
                there + prefix + " dev right nodad",
                there + prefix + " dev right" + (there.contains(":") ? " nodad" : "")));
  }

  /** Who has 10.0.0.2? */
  private static byte[] question() {
    return HexFormat.of()
        .parseHex(
            "ffffffffffff"
                + "020000000001"
                + "0806"
                + "0001080006040001"
                + "020000000001"
                + "0a000001"
                + "000000000000"
                + "0a000002");
  }

  /** The kernel pings our address, and we answer. */
  private static void ping(TestHost host, String address) throws Exception {
    Process ping = new ProcessBuilder("busybox", "ping", "-c", "3", "-W", "5", address).start();
    while (ping.isAlive()) {
      var _ = host.receive();
    }
    assertTrue(ByteBuffer.wrap(ping.getInputStream().readAllBytes()).hasRemaining());
    assertEquals(0, ping.exitValue(), "ping " + address + ": " + host.counts());
  }
}
