package dev.outboard.packet;

import java.lang.foreign.MemorySegment;

/**
 * A number for the flow that a frame belongs to, for whoever spreads flows over queues or paths.
 * TCP flows are told apart by their ports too. Others are not: their packets may be fragments,
 * which have no ports and must not overtake each other (TCP avoids fragments).
 */
public final class FlowHash {
  private static final long MULTIPLIER = 0x9e37_79b9_7f4a_7c15L;
  private static final int FRAGMENT4 = 0x3fff;

  private FlowHash() {}

  /**
   * The hash of a frame.
   *
   * @param at where its Ethernet header starts
   * @param length how many of its bytes may be looked at, at least an Ethernet header
   */
  public static int of(MemorySegment memory, long at, int length) {
    int type = (int) Ethernet.sourceAndType(memory, at) & 0xffff;
    long mix;
    if (type == Ethernet.IPV4 && length >= Ip.IPV4_END) {
      mix = ipv4(memory, at, length);
    } else if (type == Ethernet.IPV6 && length >= Ip.IPV6_END) {
      mix = ipv6(memory, at, length);
    } else {
      mix =
          Ethernet.sourceAndType(memory, at)
              ^ Long.rotateLeft(Ethernet.destination(memory, at), 16);
    }
    // A product's upper bits depend on all bits of a number, its lower bits on the lower ones only.
    long hash = mix * MULTIPLIER;
    hash = (hash ^ (hash >>> 32)) * MULTIPLIER;
    return (int) (hash >>> 32);
  }

  private static long ipv4(MemorySegment memory, long at, int length) {
    long mix = Bytes.i64(memory, at + 26);
    long transport = at + Ethernet.HEADER + Ip.headerLength4(memory, at);
    if (Ip.protocol4(memory, at) == Ip.TCP
        && (Bytes.u16(memory, at + 20) & FRAGMENT4) == 0
        && transport + 4 <= at + length) {
      mix = mix * MULTIPLIER + Ip.ports(memory, transport);
    }
    return mix;
  }

  private static long ipv6(MemorySegment memory, long at, int length) {
    long mix = Ip.source6High(memory, at);
    mix = mix * MULTIPLIER + Ip.source6Low(memory, at);
    mix = mix * MULTIPLIER + Bytes.i64(memory, at + 38);
    mix = mix * MULTIPLIER + Bytes.i64(memory, at + 46);
    if (Ip.nextHeader6(memory, at) == Ip.TCP && length >= Ip.IPV6_END + 4) {
      mix = mix * MULTIPLIER + Ip.ports(memory, at + Ip.IPV6_END);
    }
    return mix;
  }
}
