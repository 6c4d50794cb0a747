package dev.outboard.transport.dpdk.underlay;

import dev.outboard.packet.Bytes;
import dev.outboard.packet.Checksum;
import dev.outboard.packet.Ethernet;
import dev.outboard.packet.Ip;
import dev.outboard.packet.Vxlan;
import dev.outboard.packet.peers.VxlanPeers;
import java.lang.foreign.MemorySegment;

/**
 * One worker's end of the underlay: puts VXLAN, UDP, IP and Ethernet around frames, and says what
 * has arrived. It sends nothing itself. Its worker's alone; hot.
 *
 * <p>A port does this in each loop:
 *
 * <ol>
 *   <li>{@link #setTime}, once for all that follows;
 *   <li>each packet received: {@link #decapsulate}. FRAME: it goes to a guest; ANSWER: {@link
 *       #answer} into a buffer of its own, which is sent; drops are counted;
 *   <li>{@link #request} into a buffer as long as it gives a length; these are sent as well;
 *   <li>each frame to be sent: {@link #encapsulate} writes {@link #headers} bytes before it.
 * </ol>
 *
 * <p>An idle worker has to be woken at {@link #deadline}, and when a peer was opened.
 *
 * <p>Theory of operation. Each header word of what was received is loaded once, checked, and used
 * from there: were a packet rewritten meanwhile, nothing would be believed that was not checked.
 * Broadcast and foreign packets can't make this host send more than {@link Allowance} says.
 */
public abstract sealed class Underlay permits Ipv4Underlay, Ipv6Underlay {
  /** What {@link #encapsulate} answers when there is no such next hop. */
  public static final int NO_NEXT_HOP = -1;

  /** What {@link #encapsulate} answers when the MAC address is not known yet: it is asked for. */
  public static final int UNRESOLVED = -2;

  /** The longest request that {@link #request} writes. */
  public static final int LONGEST_REQUEST = 86;

  static final int UDP_HEADER = 8;

  /** The least behind an IP header that has a frame in it. */
  static final int LEAST_DATAGRAM = UDP_HEADER + Vxlan.HEADER + Ethernet.HEADER;

  static final int HOP_LIMIT = 64;
  static final long LOW_16 = 0xffffL;
  static final long LOW_32 = 0xffff_ffffL;

  final NextHops hops;
  final UnderlayAddress own;
  final long mac;
  private final Allowance allowance;
  private final int headers;
  private long time;
  private boolean announced;

  private int frameLength;
  private int network;
  private int nextHop;

  Underlay(NextHops hops, int headers, long now) {
    this.hops = hops;
    this.headers = headers;
    own = hops.own();
    mac = own.mac();
    allowance = new Allowance(now);
    time = now;
  }

  /** The end of one worker; the peers are everybody's. */
  public static Underlay of(NextHops hops) {
    long now = hops.now();
    return hops.own().isIpv6() ? new Ipv6Underlay(hops, now) : new Ipv4Underlay(hops, now);
  }

  /** Bytes before an encapsulated frame: 50 over IPv4, 70 over IPv6. */
  public final int headers() {
    return headers;
  }

  /** The bytes before a frame that an uplink with such an address needs. */
  public static int headers(UnderlayAddress own) {
    return own.isIpv6() ? Ipv6Underlay.HEADERS : Ipv4Underlay.HEADERS;
  }

  /** Says what time it is, by {@link System#nanoTime}. */
  public final void setTime(long now) {
    time = now;
  }

  /** The time that the worker has said. */
  final long time() {
    return time;
  }

  /**
   * Writes the headers before a frame.
   *
   * @param at where they begin; over IPv6 the whole frame follows them, for the checksum
   * @return the length of all of it, or NO_NEXT_HOP or UNRESOLVED, and nothing was written
   */
  public final int encapsulate(
      MemorySegment memory, long at, int length, int number, int flowHash) {
    NextHops.Hop hop = hops.get(number);
    if (hop == null) {
      return NO_NEXT_HOP;
    }
    long to = hops.neighbours().macToSend(hop.neighbour, time);
    if (to == 0) {
      return UNRESOLVED;
    }
    write(memory, at, length, to, hop, Vxlan.sourcePort(flowHash));
    return headers + length;
  }

  abstract void write(
      MemorySegment memory, long at, int length, long to, NextHops.Hop hop, int sourcePort);

  /** Ethernet's header and the two bytes behind it. */
  final void writeEthernet(MemorySegment memory, long at, long to, int type, int behind) {
    Bytes.put64(memory, at, to << 16 | mac >>> 32);
    Bytes.put64(memory, at + 8, mac << 32 | (long) type << 16 | behind);
  }

  /**
   * Says what a received packet is.
   *
   * @param checksumIsGood whether the device has found the UDP checksum to be right, or absent
   */
  public final Verdict decapsulate(
      MemorySegment memory, long at, int length, boolean checksumIsGood) {
    if (length < Ethernet.HEADER) {
      return Verdict.MALFORMED;
    }
    long to = Ethernet.destination(memory, at);
    long sourceAndType = Ethernet.sourceAndType(memory, at);
    if (!own.canBeSomebody(sourceAndType >>> 16)) {
      return sourceAndType >>> 16 == mac ? Verdict.NOT_FOR_US : Verdict.MALFORMED;
    }
    return classify(
        memory,
        at,
        length,
        to,
        sourceAndType >>> 16,
        (int) (sourceAndType & LOW_16),
        checksumIsGood);
  }

  abstract Verdict classify(
      MemorySegment memory, long at, int length, long to, long from, int type, boolean good);

  /**
   * A datagram to us.
   *
   * @param at where UDP begins
   * @param length of all behind the IP header
   * @param pseudoSum of the addresses
   * @param high the sender's address
   */
  final Verdict datagram(
      MemorySegment memory,
      long at,
      int length,
      long pseudoSum,
      long high,
      long low,
      boolean good) {
    if (length < UDP_HEADER) {
      return Verdict.MALFORMED;
    }
    long udp = Bytes.i64(memory, at);
    if ((udp >>> 32 & LOW_16) != own.port()) {
      return Verdict.WRONG_PORT;
    }
    if ((udp >>> 16 & LOW_16) != length) {
      return Verdict.MALFORMED;
    }
    if (length < LEAST_DATAGRAM) {
      return Verdict.BAD_VXLAN;
    }
    long vxlan = Bytes.i64(memory, at + UDP_HEADER);
    if (!Vxlan.isValid(vxlan)) {
      return Verdict.BAD_VXLAN;
    }
    int vni = Vxlan.network(vxlan);
    int hop = hops.find(high, low, vni);
    if (hop == VxlanPeers.NONE) {
      return hops.isPeer(high, low) ? Verdict.UNKNOWN_NETWORK : Verdict.UNKNOWN_PEER;
    }
    // No checksum: RFC 7348 sends none over IPv4, RFC 6935 allows none over IPv6 in tunnels.
    if (!good
        && (udp & LOW_16) != 0
        && Checksum.finish(Checksum.sum(memory, at, length, pseudoSum + length + Ip.UDP)) != 0) {
      return Verdict.BAD_CHECKSUM;
    }
    frameLength = length - UDP_HEADER - Vxlan.HEADER;
    network = vni;
    nextHop = hop;
    return Verdict.FRAME;
  }

  /** Where the frame begins that was found last, from the packet's begin on. */
  public final int frameOffset() {
    return headers;
  }

  /** How long the frame is that was found last. */
  public final int frameLength() {
    return frameLength;
  }

  /** The network of the frame that was found last. */
  public final int network() {
    return network;
  }

  /** The peer that has sent the frame that was found last. */
  public final int nextHop() {
    return nextHop;
  }

  final Verdict mayAnswer() {
    return allowance.take(time) ? Verdict.ANSWER : Verdict.TOO_MANY_QUESTIONS;
  }

  final Verdict learn(long high, long low, long itsMac) {
    return hops.neighbours().learn(high, low, itsMac, time)
        ? Verdict.LEARNED
        : Verdict.UNKNOWN_NEIGHBOUR;
  }

  /**
   * Writes the answer to the packet that was an ANSWER last.
   *
   * @param packet it, unchanged
   * @param room for the answer, which is never longer than the packet or LONGEST_REQUEST
   * @return its length; 0 if it does not fit
   */
  public abstract int answer(MemorySegment packet, long at, MemorySegment reply, long to, int room);

  /**
   * Writes a question that is due now: who a peer or gateway is; at first, that we are here.
   *
   * @param at where there is room for LONGEST_REQUEST bytes
   * @return its length, or 0 if there is none
   */
  public final int request(MemorySegment memory, long at) {
    if (!announced) {
      announced = true;
      return writeAnnouncement(memory, at);
    }
    Station neighbour = hops.neighbours().claim(time);
    return neighbour == null ? 0 : writeRequest(memory, at, neighbour);
  }

  /** Whether {@link #request} may have something now: without it, no buffer is needed. */
  public final boolean hasRequest() {
    long due = hops.neighbours().deadline();
    return !announced || (due != Station.NEVER && time - due >= 0);
  }

  /** When {@link #request} has to be called again; Long.MAX_VALUE if by a frame only. */
  public final long deadline() {
    return hops.neighbours().deadline();
  }

  abstract int writeAnnouncement(MemorySegment memory, long at);

  abstract int writeRequest(MemorySegment memory, long at, Station neighbour);
}
