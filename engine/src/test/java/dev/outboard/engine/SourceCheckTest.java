package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.Frames;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.spi.MacAddress;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A guest speaks for itself only; what a stock guest needs beside that passes. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SourceCheckTest {
  private static final long MAC_1 = TestHost.endpoint(1).mac();
  private static final long MAC_2 = TestHost.endpoint(2).mac();
  private static final byte[] IP_1 = ip("10.0.0.1");
  private static final byte[] IP_2 = ip("10.0.0.2");
  private static final byte[] OTHER = ip("10.0.0.99");
  private static final byte[] ZERO = ip("0.0.0.0");
  private static final byte[] SIX_1 = ip("2001:db8::1");
  private static final byte[] SIX_2 = ip("2001:db8::2");
  private static final byte[] SIX_OTHER = ip("2001:db8::99");
  private static final byte[] UNSPECIFIED = ip("::");
  private static final byte[] LINK_LOCAL = ip("fe80::5054:ff:fe00:1");
  private static final byte[] ROUTERS = ip("ff02::2");
  private static final long ALL = Frames.BROADCAST;
  private static final int PASSES = 0;

  private TestHost host;
  private VhostUserGuest sender;
  private VhostUserGuest receiver;

  @BeforeAll
  void start() throws Exception {
    host = new TestHost();
    sender = host.start(withSix(1), GuestOptions.DEFAULT);
    receiver = host.start(withSix(2), GuestOptions.DEFAULT);
  }

  @AfterAll
  void stop() throws Exception {
    host.close();
  }

  private GuestSpec withSix(int n) throws Exception {
    GuestSpec spec = host.spec(n);
    return new GuestSpec(
        spec.id(),
        spec.tenant(),
        spec.network(),
        spec.mac(),
        List.of(spec.addresses().get(0), InetAddress.getByName("2001:db8::" + n)),
        spec.socket(),
        spec.mtu(),
        Optional.empty(),
        true);
  }

  private static byte[] ip(String text) {
    try {
      return InetAddress.getByName(text).getAddress();
    } catch (java.net.UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] udp4(long from, byte[] source, long to, int sourcePort, int port) {
    byte[] datagram = Frames.udp(source, IP_2, sourcePort, port, new byte[40]);
    return Frames.ethernet(
        to, from, Frames.TYPE_IPV4, Frames.ipv4Packet(source, IP_2, 17, datagram));
  }

  private static byte[] six(long to, byte[] source, byte[] target, int next, byte[] body) {
    return Frames.ethernet(
        to, MAC_1, Frames.TYPE_IPV6, Frames.ipv6Packet(source, target, next, 255, body));
  }

  private static byte[] listenerReport(int type) {
    byte[] body = new byte[8 + 28];
    body[0] = 58;
    body[8] = (byte) type;
    return body;
  }

  static Stream<Arguments> frames() {
    byte[] plain = Frames.ethernet(MAC_2, MAC_1, Frames.TYPE_TEST, new byte[50]);
    byte[] igmp = Frames.ipv4Packet(ZERO, ip("224.0.0.22"), 2, new byte[16]);
    byte[] truncated = Arrays.copyOf(udp4(MAC_1, IP_1, MAC_2, 7, 7), 30);
    byte[] oddVersion = udp4(MAC_1, IP_1, MAC_2, 7, 7);
    oddVersion[14] = 0x65;
    byte[] arpOfOther = Frames.arpReply(MAC_1, OTHER, MAC_2, IP_2);
    byte[] arpOtherMac = Frames.arpReply(MAC_1, IP_1, MAC_2, IP_2);
    arpOtherMac[27] = 0x55;
    return Stream.of(
        Arguments.of("its own MAC", plain, null),
        Arguments.of(
            "another MAC",
            Frames.ethernet(MAC_2, MAC_2, Frames.TYPE_TEST, new byte[50]),
            "source-mac"),
        Arguments.of("its own IPv4", udp4(MAC_1, IP_1, MAC_2, 7, 7), null),
        Arguments.of("another IPv4", udp4(MAC_1, OTHER, MAC_2, 7, 7), "source-ip"),
        Arguments.of("DHCP from 0.0.0.0", udp4(MAC_1, ZERO, ALL, 68, 67), null),
        Arguments.of("not DHCP from 0.0.0.0", udp4(MAC_1, ZERO, ALL, 68, 68), "source-ip"),
        Arguments.of(
            "IGMP from 0.0.0.0", Frames.ethernet(ALL, MAC_1, Frames.TYPE_IPV4, igmp), null),
        Arguments.of("an IPv4 header cut short", truncated, "bad-header"),
        Arguments.of("IPv4 that says it is version 6", oddVersion, "bad-header"),
        Arguments.of("ARP for an address of nobody", Frames.arpRequest(MAC_1, IP_1, OTHER), null),
        Arguments.of("an ARP probe", Frames.arpRequest(MAC_1, ZERO, OTHER), null),
        Arguments.of("ARP as somebody else", Frames.arpRequest(MAC_1, OTHER, IP_2), "source-ip"),
        Arguments.of("an ARP reply for another's address", arpOfOther, "source-ip"),
        Arguments.of("an ARP reply with another MAC inside", arpOtherMac, "source-mac"),
        Arguments.of("its own IPv6", six(MAC_2, SIX_1, SIX_2, 17, new byte[40]), null),
        Arguments.of("another IPv6", six(MAC_2, SIX_OTHER, SIX_2, 17, new byte[40]), "source-ip"),
        Arguments.of(
            "its link-local address", six(MAC_2, LINK_LOCAL, SIX_2, 17, new byte[40]), null),
        Arguments.of(
            "another link-local address",
            six(MAC_2, ip("fe80::1"), SIX_2, 17, new byte[40]),
            "source-ip"),
        Arguments.of(
            "duplicate-address detection",
            Frames.neighbourSolicitation(MAC_1, UNSPECIFIED, SIX_OTHER),
            null),
        Arguments.of(
            "an MLD report from ::",
            six(0x3333_0000_0016L, UNSPECIFIED, ROUTERS, 0, listenerReport(143)),
            null),
        Arguments.of(
            "something else from ::",
            six(0x3333_0000_0016L, UNSPECIFIED, ROUTERS, 0, listenerReport(134)),
            "source-ip"),
        Arguments.of(
            "an advertisement for another's address", advertisement(SIX_OTHER, SIX_1), "source-ip"),
        Arguments.of("an advertisement of its own", advertisement(SIX_1, SIX_1), null),
        Arguments.of("a VLAN tag", Frames.ethernet(MAC_2, MAC_1, 0x8100, new byte[60]), "vlan"),
        Arguments.of(
            "a service VLAN tag", Frames.ethernet(MAC_2, MAC_1, 0x88a8, new byte[60]), "vlan"));
  }

  private static byte[] advertisement(byte[] target, byte[] source) {
    byte[] frame = Frames.neighbourAdvertisement(MAC_1, source, MAC_2, SIX_2);
    System.arraycopy(target, 0, frame, 62, 16);
    return frame;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("frames")
  void passesOnlyWhatItMaySend(String what, byte[] frame, String dropped) throws Exception {
    Map<String, Long> before = host.drops(1);
    assertTrue(sender.sendFrame(frame), what);
    if (dropped == null) {
      byte[] received = receiver.receiveBytes(2_000_000_000L);
      assertTrue(received != null, what + " was not delivered: " + host.drops(1));
      assertArrayEquals(frame, Arrays.copyOfRange(received, 12, received.length), what);
      assertEquals(before, host.drops(1));
    } else {
      long count = before.getOrDefault(dropped, 0L) + 1;
      TestHost.await(() -> host.drops(1).getOrDefault(dropped, 0L) == count);
      assertEquals(null, receiver.receiveBytes(PASSES));
    }
  }

  @Test
  void theFirstWrongMacIsToldWithBothAddresses() throws Exception {
    VhostUserGuest third = host.start(3);
    third.sendFrame(Frames.ethernet(MAC_2, MAC_1, Frames.TYPE_TEST, new byte[50]));
    TestHost.await(() -> !host.status("g3").note().isEmpty());
    String note = host.status("g3").note();
    assertTrue(note.contains(new MacAddress(MAC_1).toString()), note);
    assertTrue(note.contains("declared 52:54:00:00:00:03"), note);
  }
}
