package dev.outboard.transport.dpdk.underlay;

import dev.outboard.packet.Arp;
import dev.outboard.packet.Bytes;
import dev.outboard.packet.Checksum;
import dev.outboard.packet.Ethernet;
import dev.outboard.packet.Ip;
import dev.outboard.packet.Vxlan;
import java.lang.foreign.MemorySegment;

/**
 * An underlay of IPv4 (RFC 791), ARP (RFC 826) and ICMP echo (RFC 792).
 *
 * <pre>
 *   14 version to total length, 18 identification and fragments, 22 TTL, protocol, checksum,
 *   26 source, 30 destination, 34 UDP, 42 VXLAN, 50 frame
 * </pre>
 *
 * <p>Datagrams leave whole, with "don't fragment" and no identification (RFC 6864), and without a
 * UDP checksum (RFC 7348, section 5). IP options are not taken: no peer sends any.
 */
final class Ipv4Underlay extends Underlay {
  static final int HEADERS = Ip.IPV4_END + UDP_HEADER + Vxlan.HEADER;

  private static final int IP_HEADER = 20;
  private static final int VERSION_AND_LENGTH = 0x45;
  private static final long DO_NOT_FRAGMENT = 0x4000;
  private static final int FRAGMENT = 0x3fff;
  private static final int ICMP = 1;
  private static final int ICMP_HEADER = 8;
  private static final int ECHO_REQUEST = 8;
  private static final long ARP_OF_IPV4 = 0x0001_0800_0604L;
  private static final int ARP_REQUEST = 1;
  private static final int ARP_REPLY = 2;

  /** The words of a header that are the same in all that is sent, but for the protocol. */
  private final long constantSum;

  private final int address;

  /** What has to be answered: the asker, and the length of its packet; 0 if it has used ARP. */
  private long askerMac;

  private int askerAddress;
  private int echoLength;

  Ipv4Underlay(NextHops hops, long now) {
    super(hops, HEADERS, now);
    address = (int) own.low();
    constantSum = (VERSION_AND_LENGTH << 8) + DO_NOT_FRAGMENT + (HOP_LIMIT << 8) + sumOf(address);
  }

  private static long sumOf(int address) {
    return (address >>> 16) + (address & LOW_16);
  }

  @Override
  void write(MemorySegment memory, long at, int length, long to, NextHops.Hop hop, int sourcePort) {
    int destination = (int) hop.low;
    int datagram = UDP_HEADER + Vxlan.HEADER + length;
    writeIp(memory, at, to, destination, Ip.UDP, datagram);
    long udp = (long) sourcePort << 32 | (long) hop.port << 16 | datagram;
    Bytes.put64(memory, at + 32, (long) destination << 48 | udp);
    Bytes.put16(memory, at + 40, 0);
    Bytes.put64(memory, at + 42, Vxlan.header(hop.network));
  }

  private void writeIp(
      MemorySegment memory, long at, long to, int destination, int protocol, int payload) {
    int total = IP_HEADER + payload;
    int sum = Checksum.finish(constantSum + sumOf(destination) + protocol + total);
    writeEthernet(memory, at, to, Ethernet.IPV4, VERSION_AND_LENGTH << 8);
    long ttlAndProtocol = (long) HOP_LIMIT << 8 | protocol;
    Bytes.put64(memory, at + 16, (long) total << 48 | DO_NOT_FRAGMENT << 16 | ttlAndProtocol);
    Bytes.put64(memory, at + 24, (long) sum << 48 | (address & LOW_32) << 16 | destination >>> 16);
    Bytes.put16(memory, at + 32, destination);
  }

  @Override
  Verdict classify(
      MemorySegment memory, long at, int length, long to, long from, int type, boolean good) {
    if (type == Ethernet.ARP) {
      return arp(memory, at, length, to);
    }
    if (to != mac || type != Ethernet.IPV4) {
      return Verdict.NOT_FOR_US;
    }
    if (length < Ip.IPV4_END) {
      return Verdict.MALFORMED;
    }
    long first = Bytes.i64(memory, at + 14);
    long second = Bytes.i64(memory, at + 22);
    int destination = Bytes.i32(memory, at + 30);
    int total = (int) (first >>> 32 & LOW_16);
    if (first >>> 56 != VERSION_AND_LENGTH
        || total < IP_HEADER
        || total > length - Ethernet.HEADER) {
      return Verdict.MALFORMED;
    }
    long halves = (first >>> 32) + (first & LOW_32) + (second >>> 32) + (second & LOW_32);
    if (Checksum.finish(halves + (destination & LOW_32)) != 0) {
      return Verdict.BAD_CHECKSUM;
    }
    int source = (int) second;
    if (destination != address) {
      return Verdict.NOT_FOR_US;
    }
    if (!isHost(source)) {
      return Verdict.MALFORMED;
    }
    if ((first & FRAGMENT) != 0) {
      return Verdict.FRAGMENT;
    }
    int payload = total - IP_HEADER;
    return switch ((int) (second >>> 48) & 0xff) {
      case Ip.UDP -> {
        long sum = sumOf(source) + sumOf(destination);
        yield datagram(memory, at + Ip.IPV4_END, payload, sum, 0, source & LOW_32, good);
      }
      case ICMP -> echo(memory, at, payload, from, source);
      default -> Verdict.NOT_FOR_US;
    };
  }

  /** Whether an address can be another host's: not 0/8, 127/8, a group, broadcast, or our own. */
  private boolean isHost(int other) {
    int top = other >>> 24;
    return top != 0 && top != 127 && top < 224 && other != address;
  }

  private Verdict echo(MemorySegment memory, long at, int payload, long from, int source) {
    if (payload < ICMP_HEADER) {
      return Verdict.MALFORMED;
    }
    if (Bytes.u16(memory, at + Ip.IPV4_END) != ECHO_REQUEST << 8) {
      return Verdict.NOT_FOR_US;
    }
    if (Checksum.finish(Checksum.sum(memory, at + Ip.IPV4_END, payload, 0)) != 0) {
      return Verdict.BAD_CHECKSUM;
    }
    askerMac = from;
    askerAddress = source;
    echoLength = payload;
    return mayAnswer();
  }

  private Verdict arp(MemorySegment memory, long at, int length, long to) {
    if (to != mac && to != Ethernet.BROADCAST) {
      return Verdict.NOT_FOR_US;
    }
    if (length < Arp.FRAME) {
      return Verdict.MALFORMED;
    }
    long first = Bytes.i64(memory, at + 14);
    long second = Bytes.i64(memory, at + 22);
    long third = Bytes.i64(memory, at + 30);
    int target = Bytes.i32(memory, at + 38);
    long senderMac = second >>> 16;
    int sender = (int) (second << 16 | third >>> 48);
    int operation = (int) (first & LOW_16);
    if (first >>> 16 != ARP_OF_IPV4
        || !own.canBeSomebody(senderMac)
        || (operation != ARP_REQUEST && operation != ARP_REPLY)) {
      return Verdict.MALFORMED;
    }
    if (sender == address) {
      return Verdict.ADDRESS_CONFLICT;
    }
    boolean isAnnouncement = sender == target;
    boolean isForUs = target == address && (operation == ARP_REQUEST || to == mac);
    if (!isForUs && !isAnnouncement) {
      return Verdict.NOT_FOR_US;
    }
    Verdict learned = learn(0, sender & LOW_32, senderMac);
    if (isAnnouncement || operation == ARP_REPLY) {
      return learned;
    }
    askerMac = senderMac;
    askerAddress = sender;
    echoLength = 0;
    return mayAnswer();
  }

  @Override
  public int answer(MemorySegment packet, long at, MemorySegment reply, long to, int room) {
    int length = echoLength == 0 ? Arp.FRAME : Ip.IPV4_END + echoLength;
    if (length > room) {
      return 0;
    }
    if (echoLength == 0) {
      return Arp.writeReply(reply, to, askerMac, askerAddress, mac, address);
    }
    writeIp(reply, to, askerMac, askerAddress, ICMP, echoLength);
    long icmp = to + Ip.IPV4_END;
    MemorySegment.copy(packet, at + Ip.IPV4_END, reply, icmp, echoLength);
    Bytes.put32(reply, icmp, 0);
    Bytes.put16(reply, icmp + 2, Checksum.finish(Checksum.sum(reply, icmp, echoLength, 0)));
    return length;
  }

  @Override
  int writeAnnouncement(MemorySegment memory, long at) {
    return Arp.writeRequest(memory, at, Ethernet.BROADCAST, mac, address, address);
  }

  @Override
  int writeRequest(MemorySegment memory, long at, Station neighbour) {
    long known = neighbour.asksDirectly() ? neighbour.mac() : 0;
    return Arp.writeRequest(
        memory, at, known == 0 ? Ethernet.BROADCAST : known, mac, address, (int) neighbour.low);
  }
}
