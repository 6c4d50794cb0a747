package dev.outboard.testkit.broken;

import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.FramePort;
import dev.outboard.spi.GuestPort;
import dev.outboard.spi.ReceiveSpace;
import dev.outboard.spi.SharedPort;
import dev.outboard.spi.WorkerContext;

/** A port that does what another does, but for what a fault overrides. Threads as there. */
class BrokenPort implements SharedPort, GuestPort {
  final FramePort real;

  BrokenPort(FramePort real) {
    this.real = real;
  }

  @Override
  public void bind(WorkerContext context) {
    real.bind(context);
  }

  @Override
  public void unbind() {
    real.unbind();
  }

  @Override
  public int transmit(FrameBurst frames, int from, int count) {
    return real.transmit(frames, from, count);
  }

  @Override
  public int reclaim(long[] tokens, int limit) {
    return real.reclaim(tokens, limit);
  }

  @Override
  public void flush() {
    real.flush();
  }

  @Override
  public void receiveOffloads(int offloads) {
    ((GuestPort) real).receiveOffloads(offloads);
  }

  @Override
  public int receive(FrameBurst into, int limit) {
    return ((SharedPort) real).receive(into, limit);
  }

  @Override
  public void release(FrameBurst burst) {
    ((SharedPort) real).release(burst);
  }

  @Override
  public boolean arm() {
    return ((SharedPort) real).arm();
  }

  @Override
  public int receive(ReceiveSpace space, int limit) {
    return ((GuestPort) real).receive(space, limit);
  }

  @Override
  public String failure() {
    return real.failure();
  }

  @Override
  public void close() {
    real.close();
  }
}
