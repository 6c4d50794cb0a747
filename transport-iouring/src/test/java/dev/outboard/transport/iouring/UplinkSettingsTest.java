package dev.outboard.transport.iouring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.linux.UdpSocket;
import dev.outboard.spi.Capabilities;
import dev.outboard.spi.TransportException;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What users set, and what they read when it can't be done. */
class UplinkSettingsTest {
  private static final String ADDRESS = "127.0.0.2";

  @ParameterizedTest
  @CsvSource({
    "address, '', address is missing",
    "address, example.org, no endpoint",
    "address, 127.0.0.2:4789, has a port",
    "address, 192.0.2.99, no interface of this host has 192.0.2.99",
    "address, 0.0.0.0, not one host's address",
    "port, 0, port: 0 is not between 1 and 65535",
    "port, 65536, port: 65536 is not between",
    "port, 99999999999, too large",
    "device, none-such, none-such",
    "source-ports, 0, not between 1 and 64",
    "source-ports, 65, not between 1 and 64",
    "mtu, 67, mtu: 67 bytes are too few",
    "mtu, 65001, not between",
    "receive-buffers, 12, power of 2",
    "receive-buffers, 4, not between 8 and 4096",
    "receive-bytes, 0, not between",
    "send-bytes, 99999999999, too large"
  })
  void aMistakeGetsOneLine(String name, String value, String why) throws Exception {
    Underlay.IPV4.inPrivateNetwork(
        () -> {
          TransportException refused =
              assertThrows(TransportException.class, () -> Host.open(ADDRESS, name, value).close());
          assertTrue(refused.getMessage().contains(why), refused.getMessage());
          assertFalse(refused.getMessage().contains("\n"));
        });
  }

  @Test
  void aTakenPortIsSaidToBe() throws Exception {
    Underlay.IPV4.inPrivateNetwork(
        () -> {
          try (Host _ = Host.open(ADDRESS)) {
            TransportException refused =
                assertThrows(TransportException.class, () -> Host.open(ADDRESS).close());
            assertTrue(
                refused.getMessage().contains("UDP port 4789 of 127.0.0.2 is taken"),
                refused.getMessage());
            Host.open(ADDRESS, "port", "4790").close();
          }
        });
  }

  @Test
  void aPortSharedWithoutAskingIsNoticed() throws Exception {
    Underlay.IPV4.inPrivateNetwork(
        () -> {
          InetAddress local = InetAddress.ofLiteral(ADDRESS);
          try (UdpSocket other = new UdpSocket(local)) {
            other.sharePort();
            other.bind(local, 4789);
            assertThrows(TransportException.class, () -> Host.open(ADDRESS).close());
          }
        });
  }

  @ParameterizedTest
  @CsvSource({
    "IPV4, 1500, 0, 1450, false",
    "IPV6, 1500, 0, 1430, false",
    "IPV4, 9000, 0, 8950, false",
    "IPV6, 9000, 0, 8930, false",
    "IPV4, 1500, 1400, 1400, false",
    "IPV4, 1500, 1451, 1451, true",
    "IPV6, 1500, 1500, 1500, true",
    "IPV4, 65536, 0, 64978, false"
  })
  void theMtuInsideFollowsFromTheInterface(
      Underlay underlay, int underlayMtu, int set, int mtu, boolean fragments) throws Exception {
    underlay.inPrivateNetwork(
        () -> {
          Commands.run("ip", "link", "set", "lo", "mtu", Integer.toString(underlayMtu));
          try (Host host = Host.open(underlay.here, "mtu", Integer.toString(set))) {
            Capabilities capabilities = host.transport.capabilities();
            assertEquals(mtu, capabilities.maxMtu());
            assertEquals(Capabilities.Scope.SHARED, capabilities.scope());
            assertEquals(0, capabilities.offloads());
            assertEquals(fragments, UplinkSettings.of(host).fragments());
          }
        });
  }

  @ParameterizedTest
  @CsvSource({
    "IPV4, ::1, can't be reached from an uplink with an IPv4 address",
    "IPV6, 127.0.0.1, can't be reached from an uplink with an IPv6 address",
    "IPV4, example.org, no endpoint"
  })
  void aPeerThatCannotBeReachedIsRefused(Underlay underlay, String endpoint, String why)
      throws Exception {
    underlay.inPrivateNetwork(
        () -> {
          try (Host host = Host.open(underlay.here)) {
            TransportException refused =
                assertThrows(TransportException.class, () -> host.peer(1, endpoint));
            assertTrue(refused.getMessage().contains(why), refused.getMessage());
          }
        });
  }

  @Test
  void twoPeersOfANetworkHaveTwoAddresses() throws Exception {
    Underlay.IPV4.inPrivateNetwork(
        () -> {
          try (Host host = Host.open(ADDRESS)) {
            int first = host.peer(1, "127.0.0.9:1000");
            assertEquals(first, host.peer(1, "127.0.0.9:1000"));
            assertThrows(TransportException.class, () -> host.peer(1, "127.0.0.9:1001"));
            assertTrue(host.peer(2, "127.0.0.9:1001") != first);
            assertThrows(TransportException.class, () -> host.peer(1 << 24, "127.0.0.9"));
          }
        });
  }
}
