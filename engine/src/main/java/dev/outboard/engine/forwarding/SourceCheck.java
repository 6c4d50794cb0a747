package dev.outboard.engine.forwarding;

import dev.outboard.packet.Arp;
import dev.outboard.packet.Ethernet;
import dev.outboard.packet.Ip;
import dev.outboard.packet.Neighbour;
import dev.outboard.spi.FrameBurst;
import java.lang.foreign.MemorySegment;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * Lets a guest speak for itself only: its declared MAC and IP addresses, and what a stock guest
 * must say before or beside having one (DHCP and IGMP from 0.0.0.0, ARP probes, duplicate-address
 * detection and MLD from ::, its own link-local address). Called by the guest's worker on private
 * header bytes.
 */
public final class SourceCheck {
  private static final int DHCP_PORTS = 68 << 16 | 67;
  private static final long LINK_LOCAL = 0xfe80_0000_0000_0000L;

  private final long mac;
  private final int[] ipv4;
  private final long[] ipv6High;
  private final long[] ipv6Low;
  private final boolean anyAddress;
  private final long linkLocalLow;

  /** Checks against what was declared. */
  public SourceCheck(GuestIdentity identity) {
    mac = identity.mac().bits();
    anyAddress = identity.addresses().isEmpty();
    ipv4 =
        identity.addresses().stream()
            .filter(Inet4Address.class::isInstance)
            .mapToInt(SourceCheck::ipv4)
            .toArray();
    InetAddress[] six =
        identity.addresses().stream()
            .filter(a -> !(a instanceof Inet4Address))
            .toArray(InetAddress[]::new);
    ipv6High = new long[six.length];
    ipv6Low = new long[six.length];
    for (int i = 0; i < six.length; i++) {
      ipv6High[i] = high(six[i]);
      ipv6Low[i] = low(six[i]);
    }
    linkLocalLow = (mac >>> 24 ^ 0x02_0000L) << 40 | 0xff_fe00_0000L | (mac & 0xff_ffffL);
  }

  /** An IPv4 address as a number. */
  public static int ipv4(InetAddress address) {
    return ByteBuffer.wrap(address.getAddress()).getInt();
  }

  /** The first eight bytes of an IPv6 address. */
  public static long high(InetAddress address) {
    return ByteBuffer.wrap(address.getAddress()).getLong();
  }

  /** The last eight bytes of an IPv6 address. */
  public static long low(InetAddress address) {
    return ByteBuffer.wrap(address.getAddress()).getLong(8);
  }

  /**
   * Examines one frame.
   *
   * @param at where its Ethernet header starts in private memory
   * @param length how many of its bytes are there
   * @param segmentation its {@code GSO_} kind, which must fit the headers
   * @return null if it may go on
   */
  public DropReason examine(MemorySegment memory, long at, int length, int segmentation) {
    long sourceAndType = Ethernet.sourceAndType(memory, at);
    if (sourceAndType >>> 16 != mac) {
      return DropReason.SOURCE_MAC;
    }
    return switch ((int) sourceAndType & 0xffff) {
      case Ethernet.IPV4 -> examine4(memory, at, length, segmentation);
      case Ethernet.IPV6 -> examine6(memory, at, length, segmentation);
      case Ethernet.ARP -> examineArp(memory, at, length);
      case Ethernet.VLAN, Ethernet.SERVICE_VLAN -> DropReason.VLAN;
      default -> segmentation == FrameBurst.GSO_NONE ? null : DropReason.BAD_FRAME;
    };
  }

  private DropReason examine4(MemorySegment memory, long at, int length, int segmentation) {
    if (length < Ip.IPV4_END || !Ip.isPlausible4(memory, at)) {
      return DropReason.BAD_HEADER;
    }
    int protocol = Ip.protocol4(memory, at);
    boolean fits =
        switch (segmentation) {
          case FrameBurst.GSO_NONE -> true;
          case FrameBurst.GSO_TCPV4 -> protocol == Ip.TCP;
          case FrameBurst.GSO_UDP_L4 -> protocol == Ip.UDP;
          default -> false;
        };
    if (!fits) {
      return DropReason.BAD_FRAME;
    }
    int source = Ip.source4(memory, at);
    if (anyAddress || owns(source)) {
      return null;
    }
    if (source == 0) {
      long transport = at + Ethernet.HEADER + Ip.headerLength4(memory, at);
      boolean dhcp =
          protocol == Ip.UDP
              && length >= transport - at + 4
              && Ip.ports(memory, transport) == DHCP_PORTS;
      if (dhcp || protocol == Ip.IGMP) {
        return null;
      }
    }
    return DropReason.SOURCE_IP;
  }

  private DropReason examine6(MemorySegment memory, long at, int length, int segmentation) {
    if (length < Ip.IPV6_END || !Ip.isPlausible6(memory, at)) {
      return DropReason.BAD_HEADER;
    }
    if (segmentation != FrameBurst.GSO_NONE
        && segmentation != FrameBurst.GSO_TCPV6
        && segmentation != FrameBurst.GSO_UDP_L4) {
      return DropReason.BAD_FRAME;
    }
    if (anyAddress) {
      return null;
    }
    long high = Ip.source6High(memory, at);
    long low = Ip.source6Low(memory, at);
    int next = Ip.nextHeader6(memory, at);
    if (high == 0 && low == 0) {
      return isSolicitation(memory, at, length, next) || isListenerReport(memory, at, length, next)
          ? null
          : DropReason.SOURCE_IP;
    }
    if (!owns(high, low)) {
      return DropReason.SOURCE_IP;
    }
    if (next == Ip.ICMPV6
        && length >= Neighbour.FIXED_END
        && Neighbour.type(memory, at) == Neighbour.ADVERTISEMENT
        && !owns(Neighbour.targetHigh(memory, at), Neighbour.targetLow(memory, at))) {
      return DropReason.SOURCE_IP;
    }
    return null;
  }

  private static boolean isSolicitation(MemorySegment memory, long at, int length, int next) {
    return next == Ip.ICMPV6
        && length >= Neighbour.FIXED_END
        && Neighbour.type(memory, at) == Neighbour.SOLICITATION;
  }

  /** MLD (RFC 2710, RFC 3810): ICMPv6 behind a hop-by-hop header of eight bytes. */
  private static boolean isListenerReport(MemorySegment memory, long at, int length, int next) {
    if (next != Ip.HOP_BY_HOP
        || length < Ip.IPV6_END + 9
        || Ip.octet(memory, at + Ip.IPV6_END) != Ip.ICMPV6
        || Ip.octet(memory, at + Ip.IPV6_END + 1) != 0) {
      return false;
    }
    int type = Ip.octet(memory, at + Ip.IPV6_END + 8);
    return type == 131 || type == 132 || type == 143;
  }

  private DropReason examineArp(MemorySegment memory, long at, int length) {
    if (length < Arp.FRAME || !Arp.isEthernetIpv4(memory, at)) {
      return DropReason.BAD_HEADER;
    }
    if (Arp.senderMac(memory, at) != mac) {
      return DropReason.SOURCE_MAC;
    }
    int sender = Arp.senderIp(memory, at);
    boolean probe = sender == 0 && Arp.isRequest(memory, at);
    return anyAddress || probe || owns(sender) ? null : DropReason.SOURCE_IP;
  }

  private boolean owns(int address) {
    for (int own : ipv4) {
      if (own == address) {
        return true;
      }
    }
    return false;
  }

  private boolean owns(long high, long low) {
    if (high == LINK_LOCAL && low == linkLocalLow) {
      return true;
    }
    for (int i = 0; i < ipv6High.length; i++) {
      if (ipv6High[i] == high && ipv6Low[i] == low) {
        return true;
      }
    }
    return false;
  }
}
