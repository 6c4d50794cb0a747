package dev.outboard.engine.worker;

import dev.outboard.engine.virtqueue.DescriptorChain;
import dev.outboard.engine.virtqueue.PrivateHeaders;
import dev.outboard.engine.virtqueue.ReceiveQueue;
import dev.outboard.engine.virtqueue.TransmitQueue;
import dev.outboard.packet.Arp;
import dev.outboard.packet.Ethernet;
import dev.outboard.packet.Ip;
import dev.outboard.packet.Neighbour;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.RegionTable;
import java.lang.foreign.MemorySegment;

/**
 * Answers ARP requests and neighbour solicitations for guests that are known, in their place: the
 * asker learns at once, and nobody else is disturbed. Only requests to a group; one sent to a guest
 * itself (a check whether it is still there) goes to it. One per worker, used by its thread.
 */
final class NeighbourAnswers {
  private final Directory directory;
  private final PrivateHeaders headers;
  private final LockedReceivers receivers;
  private final DescriptorChain chain;
  private final FrameBurst answer;

  NeighbourAnswers(
      Directory directory,
      RegionTable regions,
      PrivateHeaders headers,
      LockedReceivers receivers,
      DescriptorChain chain) {
    this.directory = directory;
    this.headers = headers;
    this.receivers = receivers;
    this.chain = chain;
    answer = new FrameBurst(regions, 1, 1);
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
    GuestDevice asked = arp ? askedByArp(asker, at) : askedBySolicitation(asker, at, length);
    if (asked == null || asked == asker) {
      return false;
    }
    long to = PrivateHeaders.frameStart(TransmitQueue.BURST);
    long owner = asked.identity.mac().bits();
    int bytes =
        arp
            ? Arp.writeReply(memory, at, memory, to, owner)
            : Neighbour.writeAdvertisement(memory, at, memory, to, owner);
    answer.clear();
    answer.addFragment(headers.region(), to, bytes);
    answer.endFrame(asker.identity.network(), bytes, 0, 0);
    DeviceQueues queues = asker.queues();
    ReceiveQueue queue =
        queues.receiveCount() == 0 ? null : receivers.lock(asker, queues.receive(0));
    if (queue != null && queue.deliver(answer, 0, chain) == ReceiveQueue.DELIVERED) {
      asker.counters.received(1, bytes);
    }
    return true;
  }

  private static int type(MemorySegment memory, long at) {
    return (int) Ethernet.sourceAndType(memory, at) & 0xffff;
  }

  private GuestDevice askedByArp(GuestDevice asker, long at) {
    MemorySegment memory = headers.memory();
    return Arp.isRequest(memory, at)
        ? directory.byIpv4(asker.domain, Arp.targetIp(memory, at))
        : null;
  }

  private GuestDevice askedBySolicitation(GuestDevice asker, long at, int length) {
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
