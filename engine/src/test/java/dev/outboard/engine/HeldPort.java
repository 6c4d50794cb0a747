package dev.outboard.engine;

import dev.outboard.spi.Availability;
import dev.outboard.spi.Capabilities;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.GuestPort;
import dev.outboard.spi.Offloads;
import dev.outboard.spi.PortSpec;
import dev.outboard.spi.ReceiveSpace;
import dev.outboard.spi.Setting;
import dev.outboard.spi.Transport;
import dev.outboard.spi.TransportContext;
import dev.outboard.spi.TransportProvider;
import dev.outboard.spi.WorkerContext;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * A transport that breaks the rule not to block: the first frame holds its worker up until {@link
 * #letGo}. So a test can prepare what the worker then finds all at once.
 */
final class HeldPort implements TransportProvider, Transport, GuestPort {
  static final String NAME = "held";

  private final CountDownLatch held = new CountDownLatch(1);
  private final CountDownLatch free = new CountDownLatch(1);

  /** Waits until the worker is held up. */
  void awaitHeld() throws InterruptedException {
    held.await();
  }

  void letGo() {
    free.countDown();
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Availability probe() {
    return Availability.yes();
  }

  @Override
  public List<Setting> settings() {
    return List.of();
  }

  @Override
  public Transport open(TransportContext context) {
    return this;
  }

  @Override
  public Capabilities capabilities() {
    return Capabilities.perGuest(65_535, 16).withOffloads(Offloads.CHECKSUM | Offloads.TSO4);
  }

  @Override
  public GuestPort openPort(PortSpec spec) {
    return this;
  }

  @Override
  public void bind(WorkerContext context) {}

  @Override
  public void unbind() {}

  @Override
  public int transmit(FrameBurst frames, int from, int count) {
    held.countDown();
    try {
      free.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return count;
  }

  @Override
  public int receive(ReceiveSpace space, int limit) {
    return 0;
  }

  @Override
  public String failure() {
    return null;
  }

  @Override
  public void close() {}
}
