package dev.outboard.transport.dpdk.underlay;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What each kind of packet is, to host 2 that has host 1 as a peer in network 5. */
class ForgedPacketTest {
  private static final int VXLAN = 4789;
  private static final int NETWORK = 5;

  private static final class Case {
    final String name;
    final Family family;
    final Verdict expected;
    final byte[] packet;

    Case(String name, Family family, Verdict expected, byte[] packet) {
      this.name = name;
      this.family = family;
      this.expected = expected;
      this.packet = packet;
    }

    @Override
    public String toString() {
      return family + " " + name;
    }
  }

  private static byte[] good(Family family) {
    return Packets.datagram(family, 1, 2, VXLAN, Packets.vxlan(8, NETWORK, 60));
  }

  private static byte[] with(byte[] packet, Consumer<byte[]> change) {
    change.accept(packet);
    return packet;
  }

  private static byte[] ipChanged(Consumer<byte[]> change) {
    return with(
        good(Family.IPV4),
        p -> {
          change.accept(p);
          Packets.fillIpChecksum(p);
        });
  }

  private static byte[] udp(Family family, int flags, int network, int frame) {
    return Packets.datagram(family, 1, 2, VXLAN, Packets.vxlan(flags, network, frame));
  }

  private static byte[] raw(Family family, int protocol, int bytes) {
    return Packets.ip(family, 1, 2, protocol, new byte[bytes]);
  }

  private static byte[] longer(byte[] packet, int more) {
    return Arrays.copyOf(packet, packet.length + more);
  }

  private static byte[] shorter(byte[] packet, int less) {
    return Arrays.copyOf(packet, packet.length - less);
  }

  private static byte[] udpLength(Family f, int by) {
    return with(
        good(f),
        p -> {
          Bits.put16(p, f.udp + 4, p.length - f.udp + by);
          Packets.fillChecksum(f, p, f.udp + 6);
        });
  }

  static Stream<Case> ofBoth() {
    return Stream.of(Family.values()).flatMap(ForgedPacketTest::ofEither);
  }

  private static Stream<Case> ofEither(Family f) {
    int u = f.udp;
    return Stream.of(
        new Case("good", f, Verdict.FRAME, good(f)),
        new Case("padded", f, Verdict.FRAME, longer(good(f), 9)),
        new Case("reserved bits", f, Verdict.FRAME, udp(f, 0xff, NETWORK, 60)),
        new Case("shortest frame", f, Verdict.FRAME, udp(f, 8, NETWORK, 14)),
        new Case("runt", f, Verdict.BAD_VXLAN, udp(f, 8, NETWORK, 13)),
        new Case("no frame", f, Verdict.BAD_VXLAN, udp(f, 8, NETWORK, 0)),
        new Case(
            "half a VXLAN header",
            f,
            Verdict.BAD_VXLAN,
            Packets.datagram(f, 1, 2, VXLAN, new byte[4])),
        new Case("no VNI flag", f, Verdict.BAD_VXLAN, udp(f, 0xf7, NETWORK, 60)),
        new Case("another VNI", f, Verdict.UNKNOWN_NETWORK, udp(f, 8, NETWORK + 1, 60)),
        new Case("VNI 0", f, Verdict.UNKNOWN_NETWORK, udp(f, 8, 0, 60)),
        new Case("VNI of all ones", f, Verdict.UNKNOWN_NETWORK, udp(f, 8, 0xff_ffff, 60)),
        new Case(
            "stranger",
            f,
            Verdict.UNKNOWN_PEER,
            Packets.datagram(f, 3, 2, VXLAN, Packets.vxlan(8, NETWORK, 60))),
        new Case(
            "another port",
            f,
            Verdict.WRONG_PORT,
            Packets.datagram(f, 1, 2, 4790, Packets.vxlan(8, NETWORK, 60))),
        new Case("half a UDP header", f, Verdict.MALFORMED, raw(f, 17, 7)),
        new Case("UDP longer than IP", f, Verdict.MALFORMED, udpLength(f, 1)),
        new Case("UDP shorter than IP", f, Verdict.MALFORMED, udpLength(f, -1)),
        new Case("cut off", f, Verdict.MALFORMED, shorter(good(f), 1)),
        new Case("cut off in IP", f, Verdict.MALFORMED, Arrays.copyOf(good(f), u - 1)),
        new Case("cut off in Ethernet", f, Verdict.MALFORMED, Arrays.copyOf(good(f), 13)),
        new Case("nothing", f, Verdict.MALFORMED, new byte[0]),
        new Case(
            "wrong UDP checksum",
            f,
            Verdict.BAD_CHECKSUM,
            with(good(f), p -> p[p.length - 1] ^= 1)),
        new Case("no UDP checksum", f, Verdict.FRAME, with(good(f), p -> Bits.put16(p, u + 6, 0))),
        new Case("to another MAC", f, Verdict.NOT_FOR_US, with(good(f), p -> p[5] ^= 1)),
        new Case(
            "to all",
            f,
            Verdict.NOT_FOR_US,
            with(good(f), p -> Bits.putMac(p, 0, 0xffff_ffff_ffffL))),
        new Case("from a group's MAC", f, Verdict.MALFORMED, with(good(f), p -> p[6] |= 1)),
        new Case("from no MAC", f, Verdict.MALFORMED, with(good(f), p -> Bits.putMac(p, 6, 0))),
        new Case(
            "from our MAC",
            f,
            Verdict.NOT_FOR_US,
            with(good(f), p -> Bits.putMac(p, 6, Family.mac(2)))),
        new Case("VLAN tag", f, Verdict.NOT_FOR_US, with(good(f), p -> Bits.put16(p, 12, 0x8100))),
        new Case(
            "to another IP",
            f,
            Verdict.NOT_FOR_US,
            with(
                Packets.datagram(f, 1, 3, VXLAN, Packets.vxlan(8, NETWORK, 60)),
                p -> Bits.putMac(p, 0, Family.mac(2)))),
        new Case("TCP", f, Verdict.NOT_FOR_US, raw(f, 6, 40)),
        new Case("wrong version", f, Verdict.MALFORMED, with(good(f), p -> p[14] ^= 0x10)),
        new Case("echo", f, Verdict.ANSWER, Packets.echo(f, 1, 2, 56)),
        new Case("echo of a stranger", f, Verdict.ANSWER, Packets.echo(f, 9, 2, 0)),
        new Case(
            "echo, wrong checksum",
            f,
            Verdict.BAD_CHECKSUM,
            with(Packets.echo(f, 1, 2, 56), p -> p[u + 2] ^= 1)),
        new Case(
            "echo reply",
            f,
            Verdict.NOT_FOR_US,
            with(
                Packets.echo(f, 1, 2, 56),
                p -> {
                  p[u] = (byte) (f == Family.IPV4 ? 0 : 129);
                  Packets.fillChecksum(f, p, u + 2);
                })),
        new Case("half an echo", f, Verdict.MALFORMED, raw(f, f == Family.IPV4 ? 1 : 58, 7)));
  }

  static Stream<Case> ofIpv4() {
    Family f = Family.IPV4;
    return Stream.of(
        new Case("wrong IP checksum", f, Verdict.BAD_CHECKSUM, with(good(f), p -> p[22] ^= 1)),
        new Case("more fragments", f, Verdict.FRAGMENT, ipChanged(p -> Bits.put16(p, 20, 0x2000))),
        new Case("last fragment", f, Verdict.FRAGMENT, ipChanged(p -> Bits.put16(p, 20, 0x0001))),
        new Case("don't fragment", f, Verdict.FRAME, ipChanged(p -> Bits.put16(p, 20, 0x4000))),
        new Case("options", f, Verdict.MALFORMED, ipChanged(p -> p[14] = 0x46)),
        new Case("header too short", f, Verdict.MALFORMED, ipChanged(p -> p[14] = 0x44)),
        new Case(
            "total below the header", f, Verdict.MALFORMED, ipChanged(p -> Bits.put16(p, 16, 19))),
        new Case(
            "total beyond the end",
            f,
            Verdict.MALFORMED,
            ipChanged(p -> Bits.put16(p, 16, p.length - 13))),
        new Case(
            "from 0.0.0.0", f, Verdict.MALFORMED, ipChanged(p -> Arrays.fill(p, 26, 30, (byte) 0))),
        new Case("from a group", f, Verdict.MALFORMED, ipChanged(p -> p[26] = (byte) 224)),
        new Case("from loopback", f, Verdict.MALFORMED, ipChanged(p -> p[26] = 127)),
        new Case("from our address", f, Verdict.MALFORMED, ipChanged(p -> p[29] = 2)),
        new Case("IPv6", f, Verdict.NOT_FOR_US, good(Family.IPV6)));
  }

  static Stream<Case> ofIpv6() {
    Family f = Family.IPV6;
    UnaryOperator<byte[]> extension = p -> with(p, b -> b[20] = 0);
    return Stream.of(
        new Case("fragment", f, Verdict.FRAGMENT, raw(f, 44, 40)),
        new Case("hop-by-hop options", f, Verdict.NOT_FOR_US, extension.apply(good(f))),
        new Case(
            "payload beyond the end",
            f,
            Verdict.MALFORMED,
            with(good(f), p -> Bits.put16(p, 18, p.length - 53))),
        new Case("from a group", f, Verdict.MALFORMED, with(good(f), p -> p[22] = (byte) 0xff)),
        new Case("from our address", f, Verdict.ADDRESS_CONFLICT, with(good(f), p -> p[37] = 2)),
        new Case("ARP", f, Verdict.NOT_FOR_US, with(good(f), p -> Bits.put16(p, 12, 0x0806))),
        new Case("IPv4", f, Verdict.NOT_FOR_US, good(Family.IPV4)));
  }

  static Stream<Arguments> all() {
    return Stream.of(ofBoth(), ofIpv4(), ofIpv6()).flatMap(s -> s).map(Arguments::of);
  }

  @ParameterizedTest
  @MethodSource("all")
  void isWhatItIs(Case one) throws Exception {
    TestHost peer = TestHost.of(one.family, 1);
    TestHost host = TestHost.of(one.family, 2);
    int hop = host.open(NETWORK, peer);
    assertEquals(one.expected, host.receive(one.packet));
    if (one.expected == Verdict.FRAME) {
      assertEquals(hop, host.underlay.nextHop());
      assertEquals(NETWORK, host.underlay.network());
    }
  }
}
