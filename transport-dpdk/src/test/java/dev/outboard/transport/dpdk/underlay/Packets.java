package dev.outboard.transport.dpdk.underlay;

import dev.outboard.packet.Checksum;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;

/** Packets as another implementation would write them: byte by byte, by the RFCs. */
final class Packets {
  private Packets() {}

  /** An echo request with so many bytes of data. */
  static byte[] echo(Family family, int from, int to, int data) {
    byte[] icmp = new byte[8 + data];
    icmp[0] = (byte) (family == Family.IPV4 ? 8 : 128);
    Bits.put16(icmp, 4, 0x1234);
    Bits.put16(icmp, 6, 7);
    for (int i = 8; i < icmp.length; i++) {
      icmp[i] = (byte) i;
    }
    byte[] packet = ip(family, from, to, family == Family.IPV4 ? 1 : 58, icmp);
    fillChecksum(family, packet, family.udp + 2);
    return packet;
  }

  /** A datagram with a checksum. */
  static byte[] datagram(Family family, int from, int to, int port, byte[] payload) {
    byte[] udp = new byte[8 + payload.length];
    Bits.put16(udp, 0, 55_555);
    Bits.put16(udp, 2, port);
    Bits.put16(udp, 4, udp.length);
    System.arraycopy(payload, 0, udp, 8, payload.length);
    byte[] packet = ip(family, from, to, 17, udp);
    fillChecksum(family, packet, family.udp + 6);
    return packet;
  }

  /** A VXLAN header and a frame of zeros. */
  static byte[] vxlan(int flags, int network, int frame) {
    byte[] payload = new byte[8 + frame];
    payload[0] = (byte) flags;
    payload[4] = (byte) (network >>> 16);
    Bits.put16(payload, 5, network);
    return payload;
  }

  static byte[] ip(Family family, int from, int to, int protocol, byte[] payload) {
    byte[] packet = new byte[family.udp + payload.length];
    Bits.putMac(packet, 0, Family.mac(to));
    Bits.putMac(packet, 6, Family.mac(from));
    byte[] source = InetAddress.ofLiteral(family.address(from)).getAddress();
    byte[] destination = InetAddress.ofLiteral(family.address(to)).getAddress();
    if (family == Family.IPV4) {
      Bits.put16(packet, 12, 0x0800);
      packet[14] = 0x45;
      Bits.put16(packet, 16, packet.length - 14);
      packet[22] = 7;
      packet[23] = (byte) protocol;
      System.arraycopy(source, 0, packet, 26, 4);
      System.arraycopy(destination, 0, packet, 30, 4);
      fillIpChecksum(packet);
    } else {
      Bits.put16(packet, 12, 0x86dd);
      packet[14] = 0x60;
      Bits.put16(packet, 18, payload.length);
      packet[20] = (byte) protocol;
      packet[21] = 7;
      System.arraycopy(source, 0, packet, 22, 16);
      System.arraycopy(destination, 0, packet, 38, 16);
    }
    System.arraycopy(payload, 0, packet, family.udp, payload.length);
    return packet;
  }

  static void fillIpChecksum(byte[] packet) {
    Bits.put16(packet, 24, 0);
    Bits.put16(packet, 24, Checksum.finish(Checksum.sum(MemorySegment.ofArray(packet), 14, 20, 0)));
  }

  /** Fills the checksum of UDP or ICMP; that of ICMP for IPv4 is over its message alone. */
  static void fillChecksum(Family family, byte[] packet, int place) {
    MemorySegment memory = MemorySegment.ofArray(packet);
    int length = packet.length - family.udp;
    int protocol = packet[family == Family.IPV4 ? 23 : 20];
    int addresses = family == Family.IPV4 ? 26 : 22;
    long pseudo =
        protocol == 1
            ? 0
            : Checksum.sum(memory, addresses, family == Family.IPV4 ? 8 : 32, length + protocol);
    Bits.put16(packet, place, 0);
    long sum = Checksum.sum(memory, family.udp, length, pseudo);
    Bits.put16(packet, place, Checksum.finishNonZero(sum));
  }
}
