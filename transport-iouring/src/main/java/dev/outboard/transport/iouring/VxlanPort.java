package dev.outboard.transport.iouring;

import dev.outboard.linux.LinuxException;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.SharedPort;
import dev.outboard.spi.WorkerContext;

/** One worker's port: a sender and a receiver. Threads as {@link SharedPort} says. */
final class VxlanPort implements SharedPort {
  private final Sender sender;
  private final Receiver receiver;
  private WorkerContext context;
  private volatile String failure;

  VxlanPort(Sender sender, Receiver receiver) {
    this.sender = sender;
    this.receiver = receiver;
  }

  @Override
  public void bind(WorkerContext worker) {
    try {
      sender.start();
      receiver.start();
      context = worker;
      if (!worker.watch(receiver.bell())) {
        failure = "the ring's bell can't be watched";
      }
    } catch (LinuxException e) {
      failure = e.getMessage();
    }
  }

  @Override
  public void unbind() {
    if (context != null) {
      context.unwatch(receiver.bell());
      receiver.stop();
      context = null;
    }
  }

  @Override
  public int transmit(FrameBurst frames, int from, int count) {
    return failure == null ? sender.transmit(frames, from, count) : 0;
  }

  @Override
  public int reclaim(long[] tokens, int limit) {
    return sender.reclaim(tokens, limit);
  }

  @Override
  public int receive(FrameBurst into, int limit) {
    return failure == null ? receiver.receive(into, limit) : 0;
  }

  @Override
  public void release(FrameBurst burst) {
    receiver.release();
  }

  @Override
  public boolean arm() {
    return failure != null || receiver.arm();
  }

  @Override
  public String failure() {
    return failure != null ? failure : receiver.failure();
  }

  @Override
  public void close() {
    sender.close();
    receiver.close();
  }
}
