package dev.outboard.guest;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;

/**
 * Builds the frames that test guests send: Ethernet with IPv4, IPv6, UDP, TCP, ARP or neighbour
 * discovery inside. Cold and written on its own, apart from the product's packet code, so that a
 * mistake there isn't repeated here. Any thread.
 */
public final class Frames {
  public static final long BROADCAST = 0xffff_ffff_ffffL;
  public static final int ETHERNET_HEADER = 14;
  public static final int IPV4_HEADER = 20;
  public static final int IPV6_HEADER = 40;
  public static final int UDP_HEADER = 8;
  public static final int TCP_HEADER = 20;
  public static final int TYPE_IPV4 = 0x0800;
  public static final int TYPE_ARP = 0x0806;
  public static final int TYPE_IPV6 = 0x86dd;

  /** A local experimental EtherType: bridges pass it, kernels ignore it. */
  public static final int TYPE_TEST = 0x88b5;

  static final int PROTOCOL_TCP = 6;
  static final int PROTOCOL_UDP = 17;
  static final int PROTOCOL_ICMPV6 = 58;
  private static final int NEIGHBOUR_SOLICITATION = 135;
  private static final int NEIGHBOUR_ADVERTISEMENT = 136;

  private Frames() {}

  /** Reads {@code 52:54:00:12:34:56} into the lower 48 bits. */
  public static long mac(String text) {
    return Long.parseLong(text.replace(":", ""), 16);
  }

  /** Writes what {@link #mac} reads. */
  static String text(long mac) {
    return String.format(Locale.ROOT, "%012x", mac).replaceAll("..(?!$)", "$0:");
  }

  /** Reads {@code 10.0.0.1}. */
  public static byte[] ipv4(String text) {
    String[] parts = text.split("\\.", -1);
    byte[] address = new byte[parts.length];
    for (int i = 0; i < parts.length; i++) {
      address[i] = (byte) Integer.parseInt(parts[i]);
    }
    return address;
  }

  /** An Ethernet frame. */
  public static byte[] ethernet(long destination, long source, int type, byte[] payload) {
    ByteBuffer out = ByteBuffer.allocate(ETHERNET_HEADER + payload.length);
    putMac(out, destination);
    putMac(out, source);
    out.putShort((short) type);
    return out.put(payload).array();
  }

  /** An IPv4 packet without options, its header checksum right. */
  public static byte[] ipv4Packet(byte[] source, byte[] destination, int protocol, byte[] payload) {
    ByteBuffer out = ByteBuffer.allocate(IPV4_HEADER + payload.length);
    out.put((byte) 0x45).put((byte) 0).putShort((short) (IPV4_HEADER + payload.length));
    out.putShort((short) 0).putShort((short) 0x4000);
    out.put((byte) 64).put((byte) protocol).putShort((short) 0).put(source).put(destination);
    out.putShort(10, (short) ~sum(out.array(), 0, IPV4_HEADER, 0));
    return out.put(payload).array();
  }

  /**
   * A fragment of an IPv4 packet, its header checksum right.
   *
   * @param offset of the payload in the whole, a multiple of 8
   * @param more whether it is not the last one
   */
  static byte[] ipv4Fragment(
      byte[] source, byte[] destination, int protocol, byte[] payload, int offset, boolean more) {
    byte[] packet = ipv4Packet(source, destination, protocol, payload);
    ByteBuffer out = ByteBuffer.wrap(packet);
    out.putShort(6, (short) ((more ? 0x2000 : 0) | offset / 8)).putShort(10, (short) 0);
    out.putShort(10, (short) ~sum(packet, 0, IPV4_HEADER, 0));
    return packet;
  }

  /** An IPv6 packet without extension headers. */
  public static byte[] ipv6Packet(
      byte[] source, byte[] destination, int protocol, int hopLimit, byte[] payload) {
    ByteBuffer out = ByteBuffer.allocate(IPV6_HEADER + payload.length);
    out.putInt(0x6000_0000).putShort((short) payload.length);
    out.put((byte) protocol).put((byte) hopLimit).put(source).put(destination);
    return out.put(payload).array();
  }

  /** A UDP datagram with its checksum right; the address length tells the IP version. */
  public static byte[] udp(
      byte[] source, byte[] destination, int sourcePort, int destinationPort, byte[] payload) {
    ByteBuffer out = ByteBuffer.allocate(UDP_HEADER + payload.length);
    out.putShort((short) sourcePort).putShort((short) destinationPort);
    out.putShort((short) out.capacity()).putShort((short) 0).put(payload);
    int checksum = transportChecksum(source, destination, PROTOCOL_UDP, out.array());
    return out.putShort(6, (short) (checksum == 0 ? 0xffff : checksum)).array();
  }

  /** A TCP segment without options, ACK and PSH set, its checksum right. */
  public static byte[] tcp(
      byte[] source,
      byte[] destination,
      int sourcePort,
      int destinationPort,
      int sequence,
      byte[] payload) {
    return tcp(source, destination, sourcePort, destinationPort, sequence, 1, payload);
  }

  /** The same, with what it acknowledges. */
  public static byte[] tcp(
      byte[] source,
      byte[] destination,
      int sourcePort,
      int destinationPort,
      int sequence,
      int acknowledgment,
      byte[] payload) {
    ByteBuffer out = ByteBuffer.allocate(TCP_HEADER + payload.length);
    out.putShort((short) sourcePort).putShort((short) destinationPort);
    out.putInt(sequence).putInt(acknowledgment).put((byte) 0x50).put((byte) 0x18);
    out.putShort((short) 0xffff).putInt(0).put(payload);
    int checksum = transportChecksum(source, destination, PROTOCOL_TCP, out.array());
    return out.putShort(16, (short) checksum).array();
  }

  /** An ARP request, a whole frame: who has {@code target}? A sender 0.0.0.0 makes it a probe. */
  public static byte[] arpRequest(long source, byte[] senderAddress, byte[] target) {
    return ethernet(BROADCAST, source, TYPE_ARP, arp(1, source, senderAddress, 0, target));
  }

  /** An ARP reply, a whole frame. */
  public static byte[] arpReply(
      long source, byte[] senderAddress, long destination, byte[] targetAddress) {
    return ethernet(
        destination, source, TYPE_ARP, arp(2, source, senderAddress, destination, targetAddress));
  }

  private static byte[] arp(
      int operation, long sender, byte[] senderAddress, long target, byte[] targetAddress) {
    ByteBuffer out = ByteBuffer.allocate(28);
    out.putShort((short) 1).putShort((short) TYPE_IPV4).put((byte) 6).put((byte) 4);
    out.putShort((short) operation);
    putMac(out, sender);
    out.put(senderAddress);
    putMac(out, target);
    return out.put(targetAddress).array();
  }

  /** A neighbour solicitation, a whole frame: who has {@code target}? */
  public static byte[] neighbourSolicitation(long source, byte[] sourceAddress, byte[] target) {
    byte[] group = new byte[16];
    group[0] = (byte) 0xff;
    group[1] = 2;
    group[11] = 1;
    group[12] = (byte) 0xff;
    System.arraycopy(target, 13, group, 13, 3);
    // Duplicate-address detection comes from :: and must not carry a link-layer address.
    boolean detection = Arrays.equals(sourceAddress, new byte[16]);
    ByteBuffer out = ByteBuffer.allocate(detection ? 24 : 32);
    out.put((byte) NEIGHBOUR_SOLICITATION).put((byte) 0).putShort((short) 0).putInt(0).put(target);
    if (!detection) {
      out.put((byte) 1).put((byte) 1);
      putMac(out, source);
    }
    long groupMac = 0x3333_ff00_0000L | (ByteBuffer.wrap(target).getInt(12) & 0xff_ffffL);
    return neighbour(groupMac, source, sourceAddress, group, out);
  }

  /** A solicited neighbour advertisement, a whole frame. */
  public static byte[] neighbourAdvertisement(
      long source, byte[] sourceAddress, long destination, byte[] destinationAddress) {
    ByteBuffer out = ByteBuffer.allocate(32);
    out.put((byte) NEIGHBOUR_ADVERTISEMENT).put((byte) 0).putShort((short) 0).putInt(0x6000_0000);
    out.put(sourceAddress).put((byte) 2).put((byte) 1);
    putMac(out, source);
    return neighbour(destination, source, sourceAddress, destinationAddress, out);
  }

  private static byte[] neighbour(
      long destination, long source, byte[] from, byte[] to, ByteBuffer body) {
    byte[] message = new byte[body.capacity()];
    body.get(0, message);
    int checksum = transportChecksum(from, to, PROTOCOL_ICMPV6, message);
    message[2] = (byte) (checksum >>> 8);
    message[3] = (byte) checksum;
    return ethernet(
        destination, source, TYPE_IPV6, ipv6Packet(from, to, PROTOCOL_ICMPV6, 255, message));
  }

  private static void putMac(ByteBuffer out, long mac) {
    out.putShort((short) (mac >>> 32)).putInt((int) mac);
  }

  /** The checksum of a segment whose own checksum field is still 0. */
  public static int transportChecksum(
      byte[] source, byte[] destination, int protocol, byte[] segment) {
    int pseudo = pseudoHeaderSum(source, destination, protocol, segment.length);
    return ~sum(segment, 0, segment.length, pseudo) & 0xffff;
  }

  /** The folded sum of the pseudo-header: what a checksum field holds under NEEDS_CHECKSUM. */
  public static int pseudoHeaderSum(byte[] source, byte[] destination, int protocol, int length) {
    int addresses =
        sum(destination, 0, destination.length, sum(source, 0, source.length, protocol));
    return fold((long) addresses + (length >>> 16) + (length & 0xffff));
  }

  /** The folded ones' complement sum of big-endian 16-bit words, an odd last byte padded. */
  public static int sum(byte[] bytes, int from, int length, int initial) {
    long sum = initial;
    for (int i = 0; i < length; i++) {
      int octet = bytes[from + i] & 0xff;
      sum += (i & 1) == 0 ? octet << 8 : octet;
    }
    return fold(sum);
  }

  private static int fold(long sum) {
    long folded = sum;
    while (folded >>> 16 != 0) {
      folded = (folded & 0xffff) + (folded >>> 16);
    }
    return (int) folded;
  }
}
