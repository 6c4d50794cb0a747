package dev.outboard.transport.iouring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.packet.Ethernet;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The Linux kernel's own {@code vxlan} device as the peer: it answers echo requests that a port has
 * sent. The two hosts are network namespaces joined by a veth pair of 1,500 bytes. Where the MTU
 * inside is larger, our frames leave in fragments outside; the device, whose own MTU is not, sends
 * answers in fragments inside. It has checked the whole request either way.
 */
class KernelVxlanTest {
  private static final int NETWORK = 4242;
  private static final long OUR_MAC = 0x0200_0000_0001L;
  private static final long ITS_MAC = 0x0200_0000_0002L;
  private static final int OUR_ADDRESS = 0x0a09_0001;
  private static final int ITS_ADDRESS = 0x0a09_0002;

  @ParameterizedTest
  @CsvSource({
    "false, 0, 1450",
    "true, 0, 1430",
    "false, 1500, 1500",
    "true, 1500, 1500",
    "false, 8000, 8000",
    "true, 8000, 8000"
  })
  void theKernelAnswersEachEcho(boolean ipv6, int setMtu, int mtu) throws Exception {
    String ours = ipv6 ? "fd01::1" : "198.51.100.1";
    String its = ipv6 ? "fd01::2" : "198.51.100.2";
    Underlay.IPV4.inPrivateNetwork(
        () -> {
          try (OtherNetwork other = OtherNetwork.joined("out0", "in0")) {
            address("out0", ours, ipv6);
            other.run(
                "ip link set lo up; ip link set in0 up;"
                    + " ip address add %s dev in0 nodad;".formatted(prefix(its, ipv6))
                    + " ip link add vx0 type vxlan id %d local %s remote %s dstport 4789;"
                        .formatted(NETWORK, its, ours)
                    + " ip link set vx0 address 02:00:00:00:00:02 mtu %d up;"
                        .formatted(ipv6 ? 1430 : 1450)
                    + " ip address add 10.9.0.2/24 dev vx0;"
                    + " ip neighbour add 10.9.0.1 lladdr 02:00:00:00:00:01 dev vx0");
            OtherNetwork.awaitUp("out0", ours);
            try (Host host = Host.open(ours, "mtu", Integer.toString(setMtu))) {
              assertEquals(mtu, host.transport.capabilities().maxMtu());
              int to = host.peer(NETWORK, its);
              echo(host, to, mtu);
              assertEquals(Map.of(), host.counts());
            }
          }
        });
  }

  private static String prefix(String address, boolean ipv6) {
    return address + (ipv6 ? "/64" : "/24");
  }

  private static void address(String device, String address, boolean ipv6) throws Exception {
    Commands.run("ip", "address", "add", prefix(address, ipv6), "dev", device, "nodad");
    Commands.run("ip", "link", "set", device, "up");
  }

  /** Sends echo requests of all sizes, several at once, and takes the answers. */
  private static void echo(Host host, int to, int mtu) {
    int number = 0;
    for (int payload = EchoFrame.SHORTEST; payload <= mtu; payload += 1 + payload / 9) {
      exchange(host, to, payload, number++);
    }
    exchange(host, to, mtu, number);
  }

  private static void exchange(Host host, int to, int payload, int number) {
    int count = 10;
    for (int i = 0; i < count; i++) {
      host.add(to, number << 20, i, Ethernet.HEADER + payload);
      EchoFrame.request(
          host.sentBytes(i), ITS_MAC, OUR_MAC, OUR_ADDRESS, ITS_ADDRESS, number * count + i);
    }
    assertEquals(count, host.send());
    for (int seen = 0; seen < count; ) {
      int frames = host.await();
      for (int i = 0; i < frames; i++) {
        MemorySegment answer = host.bytes(i);
        if (EchoFrame.isAnswer(answer)) {
          assertEquals(NETWORK, host.received.network(i));
          assertEquals(to, host.received.nextHop(i));
          assertEquals(number * count + seen, EchoFrame.sequence(answer), "in order");
          if (!EchoFrame.isFirstFragment(answer)) {
            assertEquals(Ethernet.HEADER + payload, host.received.length(i));
            assertTrue(EchoFrame.isWhole(answer), payload + " bytes");
          }
          seen++;
        }
      }
      host.release();
    }
  }
}
