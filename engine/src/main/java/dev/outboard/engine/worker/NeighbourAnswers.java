package dev.outboard.engine.worker;

import dev.outboard.engine.virtqueue.PrivateHeaders;
import dev.outboard.packet.Arp;
import dev.outboard.packet.Ethernet;
import dev.outboard.packet.Ip;
import dev.outboard.packet.Neighbour;
import java.lang.foreign.MemorySegment;

/**
 * Answers ARP requests and neighbour solicitations for stations that are known, here or on another
 * host, in their place: the asker learns at once, and nobody else is disturbed. Only requests to a
 * group; one sent to a guest itself (a check whether it is still there) goes to it. One per worker,
 * used by its thread.
 */
final class NeighbourAnswers {
  private final Directory directory;
  private final PrivateHeaders headers;
  private final Replies replies;

  NeighbourAnswers(Directory directory, PrivateHeaders headers, Replies replies) {
    this.directory = directory;
    this.headers = headers;
    this.replies = replies;
  }

  /**
   * Answers a frame if it asks for a guest that is known here.
   *
   * @param at where it starts in the private headers; it has passed the source check
   * @param length how many of its bytes are there
   */
  boolean answer(GuestDevice asker, long at, int length) {
    MemorySegment memory = headers.memory();
    boolean arp = type(memory, at) == Ethernet.ARP;
    Station asked = arp ? askedByArp(asker, at) : askedBySolicitation(asker, at, length);
    if (asked == null || asked == asker) {
      return false;
    }
    long to = replies.start();
    long owner = asked.mac();
    replies.send(
        asker,
        arp
            ? Arp.writeReply(memory, at, replies.memory(), to, owner)
            : Neighbour.writeAdvertisement(memory, at, replies.memory(), to, owner));
    return true;
  }

  private static int type(MemorySegment memory, long at) {
    return (int) Ethernet.sourceAndType(memory, at) & 0xffff;
  }

  private Station askedByArp(GuestDevice asker, long at) {
    MemorySegment memory = headers.memory();
    return Arp.isRequest(memory, at)
        ? directory.byIpv4(asker.domain, Arp.targetIp(memory, at))
        : null;
  }

  private Station askedBySolicitation(GuestDevice asker, long at, int length) {
    MemorySegment memory = headers.memory();
    boolean asks =
        type(memory, at) == Ethernet.IPV6
            && length >= Neighbour.FIXED_END
            && Ip.nextHeader6(memory, at) == Ip.ICMPV6
            && Neighbour.type(memory, at) == Neighbour.SOLICITATION
            && Neighbour.isFromThisLink(memory, at)
            && (Ip.source6High(memory, at) | Ip.source6Low(memory, at)) != 0;
    return asks
        ? directory.byIpv6(
            asker.domain, Neighbour.targetHigh(memory, at), Neighbour.targetLow(memory, at))
        : null;
  }
}
