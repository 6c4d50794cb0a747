package dev.outboard.testkit.loopback;

import dev.outboard.linux.EventFd;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.packet.Ethernet;
import dev.outboard.spi.Counter;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.GuestPort;
import dev.outboard.spi.PortSpec;
import dev.outboard.spi.ReceiveSpace;
import dev.outboard.spi.RegionTable;
import dev.outboard.spi.WorkerContext;

/** A guest's port. Threads as {@link GuestPort} says; others put frames in its mailbox. */
final class LoopbackGuestPort implements GuestPort {
  private final PortSpec spec;
  private final Switchboard switchboard;
  private final int bell;
  private final Mailbox mailbox;
  private final Sending sending;
  private final Arrival arrival;
  private final Counter noSuchGuest;
  private final Counter portClosed;
  private WorkerContext worker;
  private volatile String failure;

  LoopbackGuestPort(
      PortSpec spec, RegionTable regions, Switchboard switchboard, int bell, boolean holds) {
    this.spec = spec;
    this.switchboard = switchboard;
    this.bell = bell;
    noSuchGuest = spec.dropCounter("no-such-guest");
    portClosed = spec.dropCounter("port-closed");
    mailbox = new Mailbox(regions, this::ring);
    arrival =
        new Arrival(mailbox, regions, Ethernet.HEADER + spec.mtu(), spec.dropCounter("oversized"));
    sending =
        new Sending(
            holds, regions, GuestLoopback.MOST_FRAGMENTS, spec.dropCounter("no-room"), this::send);
  }

  boolean isLike(LoopbackGuestPort other) {
    return spec.network() == other.spec.network()
        && spec.tenant().equals(other.spec.tenant())
        && spec.mac().equals(other.spec.mac());
  }

  /** Whether a frame of another guest's to this address is for this one. Hot. */
  boolean hears(LoopbackGuestPort from, long mac) {
    return spec.mac().bits() == mac
        && from != this
        && spec.network() == from.spec.network()
        && spec.tenant().equals(from.spec.tenant());
  }

  private void ring() {
    long _ = EventFd.signal(bell);
  }

  @Override
  public void bind(WorkerContext context) {
    worker = context;
    if (!context.watch(bell)) {
      failure = "its bell can't be watched";
    }
  }

  @Override
  public void unbind() {
    sending.stop();
    worker.unwatch(bell);
    worker = null;
  }

  @Override
  public int transmit(FrameBurst frames, int from, int count) {
    return sending.transmit(frames, from, count);
  }

  private boolean send(FrameBurst frames, int i) {
    int first = frames.firstFragment(i);
    long destination = Ethernet.destination(frames.segment(first), frames.offset(first));
    LoopbackGuestPort to = switchboard.find(this, destination);
    Mailbox.Answer answer = to == null ? Mailbox.Answer.CLOSED : to.mailbox.put(frames, i, "");
    noSuchGuest.add(answer == Mailbox.Answer.CLOSED ? 1 : 0);
    return answer != Mailbox.Answer.FULL;
  }

  @Override
  public int reclaim(long[] tokens, int limit) {
    return sending.reclaim(tokens, limit);
  }

  @Override
  public void receiveOffloads(int offloads) {
    arrival.allow(offloads);
  }

  @Override
  public int receive(ReceiveSpace space, int limit) {
    int frames = 0;
    while (frames < limit && space.frameRoom() > 0) {
      if (!arrival.open()) {
        if (mailbox.arm()) {
          break;
        }
      } else if (arrival.write(space)) {
        frames = space.frameCount();
      } else {
        break;
      }
    }
    return space.frameCount();
  }

  @Override
  public String failure() {
    return failure;
  }

  @Override
  public void close() {
    switchboard.leave(this);
    portClosed.add(mailbox.waiting());
    arrival.close();
    mailbox.close();
    sending.close();
    FileDescriptors.close(bell);
  }
}
