package dev.outboard.engine.worker;

import dev.outboard.spi.Notifier;
import dev.outboard.spi.WorkerContext;

/** A worker as the port of one of its guests sees it, until it is unbound. */
final class PortContext implements WorkerContext {
  private final Worker worker;
  private final Notifier notifier;
  private final GuestDevice guest;

  PortContext(Worker worker, Notifier notifier, GuestDevice guest) {
    this.worker = worker;
    this.notifier = notifier;
    this.guest = guest;
  }

  @Override
  public int worker() {
    return worker.number();
  }

  @Override
  public void watch(int fd) {
    if (!notifier.watch(fd, Kicks.portToken(guest))) {
      guest.events.note("the uplink's fd can't be watched: frames from it will not arrive");
    }
  }

  @Override
  public void unwatch(int fd) {
    notifier.unwatch(fd);
  }

  @Override
  public void wake() {
    worker.execute(() -> worker.portWoken(guest));
  }
}
