package dev.outboard.testkit.loopback;

import dev.outboard.spi.Counter;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.Peers;
import dev.outboard.spi.SharedPort;
import dev.outboard.spi.TransportContext;
import dev.outboard.spi.WorkerContext;

/** A worker's port. Threads as {@link SharedPort} says; other workers put frames in its mailbox. */
final class LoopbackPort implements SharedPort {
  private final SharedLoopback uplink;
  private final Switchboard switchboard;
  private final Peers<String> peers;
  private final String origin;
  private final Mailbox mailbox;
  private final Sending sending;
  private final Counter noSuchPeer;
  private final Counter unreachable;
  private final Counter unknownPeer;
  private final Counter portClosed;
  private volatile WorkerContext worker;

  LoopbackPort(
      SharedLoopback uplink,
      TransportContext context,
      Switchboard switchboard,
      Peers<String> peers,
      String origin,
      boolean holds) {
    this.uplink = uplink;
    this.switchboard = switchboard;
    this.peers = peers;
    this.origin = origin;
    noSuchPeer = context.counter("no-such-peer");
    unreachable = context.counter("unreachable");
    unknownPeer = context.counter("unknown-peer");
    portClosed = context.counter("port-closed");
    mailbox = new Mailbox(context.regions(), this::wake);
    sending =
        new Sending(
            holds,
            context.regions(),
            SharedLoopback.MOST_FRAGMENTS,
            context.counter("no-room"),
            this::send);
  }

  Mailbox mailbox() {
    return mailbox;
  }

  private void wake() {
    WorkerContext now = worker;
    if (now != null) {
      now.wake();
    }
  }

  @Override
  public void bind(WorkerContext context) {
    worker = context;
  }

  @Override
  public void unbind() {
    sending.stop();
    worker = null;
  }

  @Override
  public int transmit(FrameBurst frames, int from, int count) {
    return sending.transmit(frames, from, count);
  }

  private boolean send(FrameBurst frames, int i) {
    String peer = peers.address(frames.nextHop(i));
    if (peer == null) {
      noSuchPeer.add(1);
      return true;
    }
    SharedLoopback there = switchboard.uplink(peer);
    Mailbox to = there == null ? null : there.mailbox(frames.flowHash(i));
    Mailbox.Answer answer = to == null ? Mailbox.Answer.CLOSED : to.put(frames, i, origin);
    unreachable.add(answer == Mailbox.Answer.CLOSED ? 1 : 0);
    return answer != Mailbox.Answer.FULL;
  }

  @Override
  public int reclaim(long[] tokens, int limit) {
    return sending.reclaim(tokens, limit);
  }

  @Override
  public int receive(FrameBurst into, int limit) {
    int frames = 0;
    int slot;
    while (frames < limit && (slot = mailbox.take()) >= 0) {
      int hop = peers.number(mailbox.network(slot), mailbox.origin(slot));
      if (hop == Peers.NONE) {
        unknownPeer.add(1);
        continue;
      }
      int length = mailbox.length(slot);
      into.addFragment(mailbox.region(), mailbox.at(slot), length);
      into.endFrame(mailbox.network(slot), length, 0, 0);
      into.setRoute(frames++, hop, 0);
    }
    if (frames == 0) {
      mailbox.give();
    }
    return frames;
  }

  @Override
  public void release(FrameBurst burst) {
    mailbox.give();
  }

  @Override
  public boolean arm() {
    return mailbox.arm();
  }

  @Override
  public String failure() {
    return null;
  }

  @Override
  public void close() {
    uplink.closed(this);
    portClosed.add(mailbox.waiting());
    mailbox.close();
    sending.close();
  }
}
