package dev.outboard.testkit.broken;

import dev.outboard.spi.WorkerContext;

/** A worker as a port sees it, but for what a fault overrides. */
class BrokenContext implements WorkerContext {
  final WorkerContext real;

  BrokenContext(WorkerContext real) {
    this.real = real;
  }

  @Override
  public int worker() {
    return real.worker();
  }

  @Override
  public boolean watch(int fd) {
    return real.watch(fd);
  }

  @Override
  public void unwatch(int fd) {
    real.unwatch(fd);
  }

  @Override
  public void wake() {
    real.wake();
  }
}
