package dev.outboard.transport.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.outboard.spi.Availability;
import dev.outboard.spi.MacAddress;
import dev.outboard.spi.PortSpec;
import dev.outboard.spi.TransportException;
import dev.outboard.transport.dpdk.ffi.Lcores;
import dev.outboard.transport.dpdk.ffi.Pool;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A user's mistake gets one line that says what is wrong; what was opened is closed again. */
class RefusalTest {
  @BeforeEach
  void dpdkIsThere() {
    Availability availability = new DpdkProvider().probe();
    assumeTrue(availability.usable(), availability.reason() + "; " + availability.remedy());
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          device=                                | device is missing
          device=eth1                            | 'eth1' is no device; write a PCI address
          device=net_nul0                        | no driver of this DPDK is for the device net_nul0
          device=0000:99:00.0                    | can't add the device 0000:99:00.0
          device=net_af_packet0,iface=nosuch     | No such device
          device=net_af_packet0,iface=lo mtu=1501 | carries an MTU of at most 1500; mtu is 1501
          device=net_pcap0,rx_pcap=/nosuch.pcap  | No such file
          device=net_ring0,peer=net_ring0        | can't be its own peer
          device=net_ring0,peer=net_ring1,queues=9 | queues=9 is not from 1 to 8
          device=net_af_packet0,iface=lo mtu=1600 | carries an MTU of at most 1500; mtu is 1600
          device=net_null0 mtu=20000             | mtu: 20000 is not between 576 and 16000
          device=net_null0 address=192.0.2.1     | has no prefix length
          device=net_null0 buffers=7             | buffers: 7 are too few
          device=net_null0 zero-copy=maybe       | zero-copy: 'maybe' is none of on, off, auto
          device=net_ring0,peer=net_ring1 zero-copy=on | net_ring0 hands packets on to who receives them
          device=net_tap0,iface=obno zero-copy=on address=2001:db8::1/64 | VXLAN over IPv6
          device=net_null0 zero-copy=on per-guest=true | guests' own ports
          device=net_null0 memory=100            | DPDK runs once for a process
          device=net_null0 buffers=1000000       | can't make a pool of 1000000 buffers
          """)
  void isToldInOneLine(String settings, String expected) throws Exception {
    TestHost.bound("device=net_null7").close();
    TransportException refusal =
        assertThrows(
            TransportException.class, () -> TestHost.open(settings.split(" ", -1)).close());
    String line = refusal.getMessage();
    assertEquals(1, line.lines().count(), line);
    assertTrue(line.contains(expected), line);
    assertFalse(line.contains("uplink wan"), "the engine says which uplink it is: " + line);
  }

  @Test
  void aDeviceHasOneUplink() throws Exception {
    try (TestHost _ = TestHost.open("device=net_null0")) {
      TransportException refusal =
          assertThrows(TransportException.class, () -> TestHost.open("device=net_null0"));
      assertTrue(refusal.getMessage().contains("in use, by another uplink"));
    }
  }

  @Test
  void moreGuestsThanDevicesAreRefusedAndADevicePassesFromGuestToGuest() throws Exception {
    try (TestHost host = TestHost.open("per-guest=true", "device=net_null0 net_null1")) {
      var first = host.transport.openPort(guest(host, 1));
      var second = host.transport.openPort(guest(host, 2));
      TransportException refusal =
          assertThrows(TransportException.class, () -> host.transport.openPort(guest(host, 3)));
      assertTrue(refusal.getMessage().contains("all 2 devices have guests"), refusal.getMessage());
      first.close();
      host.transport.openPort(guest(host, 3)).close();
      second.close();
    }
  }

  private static PortSpec guest(TestHost host, int number) {
    return new TestSpec(
        "guest-" + number, "default", 1, new MacAddress(number), 1500, host::counter);
  }

  @Test
  void aThousandUplinksThatComeAndGoLeaveNeitherPacketsNorLcores() throws Exception {
    int lcores = Lcores.registered();
    for (int cycle = 0; cycle < 1_000; cycle++) {
      // Frames are left in a ring, where nobody takes them.
      try (TestHost host =
          TestHost.bound("device=net_ring0,peer=net_ring1", "buffers=512", "untagged=1")) {
        int hop = host.transport.openPeer(1, Vlans.WIRE).number();
        assertEquals(1, host.send(1, hop, new byte[60]));
      }
    }
    assertEquals(lcores, Lcores.registered(), "registered threads");
    assertEquals(0, Pool.sweep(), "pools that are not freed");
  }
}
