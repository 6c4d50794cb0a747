package dev.outboard.transport.kerneltcp;

import dev.outboard.linux.LinuxException;
import dev.outboard.packet.peers.Endpoint;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.Peers;
import dev.outboard.spi.RegionTable;
import dev.outboard.spi.SharedPort;
import dev.outboard.spi.WorkerContext;

/** One worker's port: a sender and a receiver. Threads as {@link SharedPort} says. */
final class TrunkPort implements SharedPort {
  final Mailbox mailbox = new Mailbox();
  final Sockets sockets;
  final Drops drops;
  final Sender sender;
  final Receiver receiver;
  private final Runnable closing;
  private WorkerContext context;
  private volatile String failure;

  /** Connections that this port has, or will get; the loop's. */
  int inbound;

  /**
   * A port without connections.
   *
   * @param closing run when the port is closed, before all that is left is given back
   */
  TrunkPort(
      Drops drops, Peers<Endpoint> peers, RegionTable regions, int mostInbound, Closing closing)
      throws LinuxException {
    this.drops = drops;
    this.closing = () -> closing.closes(this);
    sockets = new Sockets();
    try {
      receiver = new Receiver(sockets, drops, peers, regions, mostInbound);
    } catch (LinuxException e) {
      sockets.close();
      throw e;
    }
    sender = new Sender(drops);
  }

  /** Who must know that a port is closed. */
  interface Closing {
    void closes(TrunkPort port);
  }

  @Override
  public void bind(WorkerContext worker) {
    context = worker;
    if (!worker.watch(sockets.fd())) {
      failure = "its sockets can't be watched";
    }
    mailbox.bind(worker);
    mailbox.deliverAll();
  }

  @Override
  public void unbind() {
    mailbox.bind(null);
    if (context != null) {
      context.unwatch(sockets.fd());
      context = null;
    }
  }

  @Override
  public int transmit(FrameBurst frames, int from, int count) {
    if (mailbox.isWaiting()) {
      mailbox.deliverAll();
    }
    return failure == null ? sender.transmit(frames, from, count) : 0;
  }

  @Override
  public int receive(FrameBurst into, int limit) {
    if (mailbox.isWaiting()) {
      mailbox.deliverAll();
    }
    return receiver.receive(into, limit);
  }

  @Override
  public void release(FrameBurst burst) {
    receiver.release();
  }

  @Override
  public boolean arm() {
    if (mailbox.isWaiting()) {
      mailbox.deliverAll();
    }
    return receiver.arm() && !mailbox.isWaiting();
  }

  @Override
  public String failure() {
    return failure;
  }

  @Override
  public void close() {
    mailbox.close();
    closing.run();
    receiver.close();
    sockets.close();
  }
}
