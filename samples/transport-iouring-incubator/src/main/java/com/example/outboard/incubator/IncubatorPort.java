package com.example.outboard.incubator;

import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.SharedPort;
import dev.outboard.spi.WorkerContext;
import io.netty.channel.socket.DatagramChannel;

/**
 * A worker's port. The worker and the event loop's thread meet in two rings, one for each
 * direction; neither waits for the other.
 */
final class IncubatorPort implements SharedPort {
  private final DatagramChannel channel;
  private final IncomingFrames incoming;
  private final OutgoingFrames outgoing;

  IncubatorPort(DatagramChannel channel, IncomingFrames incoming, OutgoingFrames outgoing) {
    this.channel = channel;
    this.incoming = incoming;
    this.outgoing = outgoing;
  }

  @Override
  public void bind(WorkerContext worker) {
    incoming.wakes(worker);
  }

  @Override
  public void unbind() {
    incoming.wakes(null);
  }

  @Override
  public int transmit(FrameBurst frames, int from, int count) {
    return outgoing.add(frames, from, count);
  }

  @Override
  public int receive(FrameBurst into, int limit) {
    return incoming.take(into, limit);
  }

  @Override
  public void release(FrameBurst burst) {
    incoming.release();
  }

  @Override
  public boolean arm() {
    return incoming.arm();
  }

  @Override
  public String failure() {
    return channel.isActive() ? null : "the socket is closed";
  }

  @Override
  public void close() {
    outgoing.finish();
    channel.close().awaitUninterruptibly();
    incoming.close();
  }
}
