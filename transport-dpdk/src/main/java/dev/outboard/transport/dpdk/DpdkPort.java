package dev.outboard.transport.dpdk;

import dev.outboard.linux.LinuxException;
import dev.outboard.linux.TimerFd;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.SharedPort;
import dev.outboard.spi.WorkerContext;
import dev.outboard.transport.dpdk.ffi.DpdkException;
import dev.outboard.transport.dpdk.ffi.Lcores;

/** One worker's port: a sender and a receiver. Threads as {@link SharedPort} says. */
final class DpdkPort implements SharedPort, QueueShare.Member {
  private final DpdkTransport transport;
  private final PacketRing ring;
  private final Sender sender;
  private final Receiver receiver;
  private final IdleSleep sleep;
  private volatile WorkerContext context;
  private volatile String failure;

  DpdkPort(DpdkTransport transport, Drops drops, PacketRing ring) throws LinuxException {
    this.transport = transport;
    this.ring = ring;
    sleep = new IdleSleep(new TimerFd(), transport.settings().idleNanos());
    sender = transport.sender(drops, ring);
    receiver = transport.receiver(drops, this);
  }

  @Override
  public void bind(WorkerContext worker) {
    try {
      Lcores.enter();
      sender.use(transport.transmitQueue(worker.worker()));
      worker.watch(sleep.fd());
      context = worker;
      transport.share().join(this);
    } catch (DpdkException e) {
      failure = e.getMessage();
    }
  }

  @Override
  public void unbind() {
    WorkerContext worker = context;
    if (worker != null) {
      context = null;
      worker.unwatch(sleep.fd());
      receiver.stop();
      Lcores.leave();
    }
  }

  @Override
  public void sharesChanged() {
    WorkerContext worker = context;
    if (worker != null) {
      worker.wake();
    }
  }

  @Override
  public int transmit(FrameBurst frames, int from, int count) {
    return failure() == null ? sender.transmit(frames, from, count) : 0;
  }

  @Override
  public int receive(FrameBurst into, int limit) {
    sleep.end();
    int frames = failure() == null ? receiver.receive(into, limit) : 0;
    if (frames > 0) {
      sleep.sawWork();
    }
    return frames;
  }

  @Override
  public void release(FrameBurst burst) {
    receiver.release();
  }

  @Override
  public boolean arm() {
    if (failure() != null) {
      return true;
    }
    if (receiver.hasPackets() || receiver.waitsForQueues()) {
      return false;
    }
    sleep.begin();
    return true;
  }

  @Override
  public String failure() {
    return failure != null ? failure : transport.failure();
  }

  @Override
  public void close() {
    sleep.close();
    ring.close();
  }
}
