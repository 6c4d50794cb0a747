package dev.outboard.transport.dpdk;

import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.SharedPort;
import dev.outboard.spi.WorkerContext;
import dev.outboard.transport.dpdk.ffi.DpdkException;
import dev.outboard.transport.dpdk.ffi.Lcores;

/** One worker's port: a sender and a receiver. Threads as {@link SharedPort} says. */
final class DpdkPort implements SharedPort, QueueShare.Member {
  /** While frames wait for an address, the worker looks again soon. */
  private static final long SOON_NANOS = 1_000_000;

  private final DpdkTransport transport;
  private final Wire wire;
  private final Sender sender;
  private final Receiver receiver;
  private final IdleSleep sleep;
  private volatile WorkerContext context;
  private volatile String failure;

  DpdkPort(DpdkTransport transport, Wire wire, Sender sender, Drops drops, IdleSleep sleep) {
    this.transport = transport;
    this.wire = wire;
    this.sender = sender;
    this.sleep = sleep;
    receiver = transport.receiver(wire, drops, this);
  }

  @Override
  public void bind(WorkerContext worker) {
    try {
      Lcores.enter();
    } catch (DpdkException e) {
      failure = e.getMessage();
      return;
    }
    sender.use(transport.transmitQueue(worker.worker()));
    if (!sleep.watch(worker)) {
      failure = "what wakes its worker can't be watched";
    }
    context = worker;
    transport.share().join(this);
  }

  @Override
  public void unbind() {
    WorkerContext worker = context;
    if (worker != null) {
      context = null;
      sleep.unwatch(worker);
      receiver.stop();
      if (!sender.stop()) {
        transport.stuck();
      }
      Lcores.leave();
    }
  }

  @Override
  public void wake() {
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
  public int reclaim(long[] tokens, int limit) {
    return sender.reclaim(tokens, limit);
  }

  @Override
  public int receive(FrameBurst into, int limit) {
    sleep.end();
    if (failure() != null) {
      return 0;
    }
    sender.serve();
    int frames = receiver.receive(into, limit);
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
    long due = wire.deadline();
    long most = due == Long.MAX_VALUE ? due : due - System.nanoTime();
    sleep.begin(sender.isWaiting() ? Math.min(SOON_NANOS, most) : most);
    return true;
  }

  @Override
  public String failure() {
    return failure != null ? failure : transport.failure();
  }

  @Override
  public void close() {
    sleep.close();
    sender.close();
  }
}
