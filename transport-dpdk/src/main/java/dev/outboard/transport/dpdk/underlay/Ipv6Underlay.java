package dev.outboard.transport.dpdk.underlay;

import dev.outboard.packet.Bytes;
import dev.outboard.packet.Checksum;
import dev.outboard.packet.Ethernet;
import dev.outboard.packet.Ip;
import dev.outboard.packet.Neighbour;
import dev.outboard.packet.Vxlan;
import java.lang.foreign.MemorySegment;

/**
 * An underlay of IPv6 (RFC 8200), neighbour discovery (RFC 4861) and ICMPv6 echo (RFC 4443).
 *
 * <pre>
 *   14 version and flow label, 18 payload length, next header, hop limit, 22 source,
 *   38 destination, 54 UDP, 62 VXLAN, 70 frame
 * </pre>
 *
 * <p>Datagrams leave with a checksum over all: kernels take none without. Extension headers are not
 * taken: no peer sends any, and fragments have one.
 */
final class Ipv6Underlay extends Underlay {
  static final int HEADERS = Ip.IPV6_END + UDP_HEADER + Vxlan.HEADER;

  private static final int VERSION = 6;
  private static final int FLOW_LABEL = 0xf_ffff;
  private static final int FRAGMENT_HEADER = 44;
  private static final int ECHO_REQUEST = 128;
  private static final int ECHO_REPLY = 129;
  private static final int ICMP_HEADER = 8;
  private static final int ICMP_FROM_LINK = 255;

  private static final int ICMP_TO_FIXED_END = Neighbour.FIXED_END - Ip.IPV6_END;

  /** Options of a message that are looked at. */
  private static final int MOST_OPTIONS = 8;

  /** All on the link: ff02::1, and its MAC address; and the begin of all groups' MAC addresses. */
  private static final long ALL_NODES_HIGH = 0xff02_0000_0000_0000L;

  private static final long ALL_NODES_LOW = 1;
  private static final long ALL_NODES_MAC = 0x3333_0000_0001L;
  private static final long GROUP_MAC = 0x3333;

  private final long high;
  private final long low;
  private final long ownSum;

  /** What has to be answered: the asker, and the length of its message; 0 if it solicits. */
  private long askerMac;

  private long askerHigh;
  private long askerLow;
  private int echoLength;

  Ipv6Underlay(NextHops hops, long now) {
    super(hops, HEADERS, now);
    high = own.high();
    low = own.low();
    ownSum = sumOf(high) + sumOf(low);
  }

  private static long sumOf(long half) {
    return (half >>> 32) + (half & LOW_32);
  }

  @Override
  void write(MemorySegment memory, long at, int length, long to, NextHops.Hop hop, int sourcePort) {
    int datagram = UDP_HEADER + Vxlan.HEADER + length;
    int label = sourcePort & FLOW_LABEL;
    writeIp(memory, at, to, hop.high, hop.low, label, Ip.UDP, datagram);
    long udp = at + Ip.IPV6_END;
    Bytes.put64(
        memory, udp, (long) sourcePort << 48 | (long) hop.port << 32 | (long) datagram << 16);
    Bytes.put64(memory, udp + UDP_HEADER, Vxlan.header(hop.network));
    long sum = ownSum + sumOf(hop.high) + sumOf(hop.low) + Ip.UDP + datagram;
    sum = Checksum.sum(memory, udp, datagram, sum);
    Bytes.put16(memory, udp + 6, Checksum.finishNonZero(sum));
  }

  private void writeIp(
      MemorySegment memory,
      long at,
      long to,
      long toHigh,
      long toLow,
      int label,
      int next,
      int payload) {
    writeEthernet(memory, at, to, Ethernet.IPV6, VERSION << 12);
    long nextAndLimit = (long) next << 8 | HOP_LIMIT;
    Bytes.put64(
        memory,
        at + 14,
        (long) (VERSION << 28 | label) << 32 | (long) payload << 16 | nextAndLimit);
    Bytes.put64(memory, at + 22, high);
    Bytes.put64(memory, at + 30, low);
    Bytes.put64(memory, at + 38, toHigh);
    Bytes.put64(memory, at + 46, toLow);
  }

  @Override
  Verdict classify(
      MemorySegment memory, long at, int length, long to, long from, int type, boolean good) {
    boolean isGroup = to >>> 32 == GROUP_MAC;
    if ((to != mac && !isGroup) || type != Ethernet.IPV6) {
      return Verdict.NOT_FOR_US;
    }
    if (length < Ip.IPV6_END) {
      return Verdict.MALFORMED;
    }
    long first = Bytes.i64(memory, at + 14);
    long sourceHigh = Bytes.i64(memory, at + 22);
    long sourceLow = Bytes.i64(memory, at + 30);
    long toHigh = Bytes.i64(memory, at + 38);
    long toLow = Bytes.i64(memory, at + 46);
    int payload = (int) (first >>> 16 & LOW_16);
    if (first >>> 60 != VERSION || payload > length - Ip.IPV6_END) {
      return Verdict.MALFORMED;
    }
    boolean isForUs = toHigh == high && toLow == low;
    boolean isForAGroup = isGroup && toHigh >>> 56 == 0xff;
    if (!isForUs && !isForAGroup) {
      return Verdict.NOT_FOR_US;
    }
    if (sourceHigh >>> 56 == 0xff) {
      return Verdict.MALFORMED;
    }
    if (sourceHigh == high && sourceLow == low) {
      return Verdict.ADDRESS_CONFLICT;
    }
    long sum = sumOf(sourceHigh) + sumOf(sourceLow) + sumOf(toHigh) + sumOf(toLow);
    long behind = at + Ip.IPV6_END;
    return switch ((int) (first >>> 8) & 0xff) {
      case Ip.UDP ->
          isForUs && to == mac
              ? datagram(memory, behind, payload, sum, sourceHigh, sourceLow, good)
              : Verdict.NOT_FOR_US;
      case Ip.ICMPV6 -> {
        if (payload < ICMP_HEADER) {
          yield Verdict.MALFORMED;
        }
        if (Checksum.finish(Checksum.sum(memory, behind, payload, sum + payload + Ip.ICMPV6))
            != 0) {
          yield Verdict.BAD_CHECKSUM;
        }
        askerMac = from;
        askerHigh = sourceHigh;
        askerLow = sourceLow;
        yield icmp(memory, at, payload, isForUs && to == mac, (int) (first & 0xff));
      }
      case FRAGMENT_HEADER -> Verdict.FRAGMENT;
      default -> Verdict.NOT_FOR_US;
    };
  }

  private Verdict icmp(MemorySegment memory, long at, int payload, boolean isForUs, int hopLimit) {
    int typeAndCode = Bytes.u16(memory, at + Ip.IPV6_END);
    boolean isSolicitation = typeAndCode == Neighbour.SOLICITATION << 8;
    boolean isAdvertisement = typeAndCode == Neighbour.ADVERTISEMENT << 8;
    if (isSolicitation || isAdvertisement) {
      if (hopLimit != ICMP_FROM_LINK || payload < ICMP_TO_FIXED_END) {
        return Verdict.MALFORMED;
      }
      return isSolicitation
          ? solicitation(memory, at, payload)
          : advertisement(memory, at, payload);
    }
    if (typeAndCode != ECHO_REQUEST << 8 || !isForUs) {
      return Verdict.NOT_FOR_US;
    }
    if (isUnspecified(askerHigh, askerLow)) {
      return Verdict.MALFORMED;
    }
    echoLength = payload;
    return mayAnswer();
  }

  private static boolean isUnspecified(long high, long low) {
    return (high | low) == 0;
  }

  private Verdict solicitation(MemorySegment memory, long at, int payload) {
    if (Bytes.i64(memory, at + 62) != high || Bytes.i64(memory, at + 70) != low) {
      return Verdict.NOT_FOR_US;
    }
    if (!isUnspecified(askerHigh, askerLow)) {
      long itsMac = option(memory, at, payload, Neighbour.SOURCE_LINK_LAYER);
      if (own.canBeSomebody(itsMac)) {
        Verdict _ = learn(askerHigh, askerLow, itsMac);
      }
    }
    echoLength = 0;
    return mayAnswer();
  }

  private Verdict advertisement(MemorySegment memory, long at, int payload) {
    long targetHigh = Bytes.i64(memory, at + 62);
    long targetLow = Bytes.i64(memory, at + 70);
    if (targetHigh == high && targetLow == low) {
      return Verdict.ADDRESS_CONFLICT;
    }
    long itsMac = option(memory, at, payload, Neighbour.TARGET_LINK_LAYER);
    return own.canBeSomebody(itsMac) ? learn(targetHigh, targetLow, itsMac) : Verdict.MALFORMED;
  }

  /** The MAC address of an option of a message, or 0. */
  private static long option(MemorySegment memory, long at, int payload, int kind) {
    long end = at + Ip.IPV6_END + payload;
    long option = at + Neighbour.FIXED_END;
    for (int i = 0; i < MOST_OPTIONS && option + 8 <= end; i++) {
      long word = Bytes.i64(memory, option);
      if (word >>> 48 == (kind << 8 | 1)) {
        return word & 0xffff_ffff_ffffL;
      }
      long length = (word >>> 48 & 0xff) * 8;
      if (length == 0) {
        return 0;
      }
      option += length;
    }
    return 0;
  }

  @Override
  public int answer(MemorySegment packet, long at, MemorySegment reply, long to, int room) {
    int length = echoLength == 0 ? LONGEST_REQUEST : Ip.IPV6_END + echoLength;
    if (length > room) {
      return 0;
    }
    if (echoLength == 0) {
      return isUnspecified(askerHigh, askerLow)
          ? writeAnnouncement(reply, to)
          : Neighbour.writeAdvertisement(
              reply, to, askerMac, askerHigh, askerLow, mac, high, low, true);
    }
    writeIp(reply, to, askerMac, askerHigh, askerLow, 0, Ip.ICMPV6, echoLength);
    long icmp = to + Ip.IPV6_END;
    MemorySegment.copy(packet, at + Ip.IPV6_END, reply, icmp, echoLength);
    Bytes.put32(reply, icmp, ECHO_REPLY << 24);
    long sum = ownSum + sumOf(askerHigh) + sumOf(askerLow) + echoLength + Ip.ICMPV6;
    Bytes.put16(reply, icmp + 2, Checksum.finish(Checksum.sum(reply, icmp, echoLength, sum)));
    return length;
  }

  @Override
  int writeAnnouncement(MemorySegment memory, long at) {
    return Neighbour.writeAdvertisement(
        memory, at, ALL_NODES_MAC, ALL_NODES_HIGH, ALL_NODES_LOW, mac, high, low, false);
  }

  @Override
  int writeRequest(MemorySegment memory, long at, Station neighbour) {
    long known = neighbour.asksDirectly() ? neighbour.mac() : 0;
    return Neighbour.writeSolicitation(
        memory, at, known, mac, high, low, neighbour.high, neighbour.low);
  }
}
