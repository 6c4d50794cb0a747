package dev.outboard.engine.worker;

import dev.outboard.spi.Notifier;
import dev.outboard.spi.WorkerContext;
import java.util.function.Consumer;

/** A worker as a port sees it that is bound to it. */
final class PortContext implements WorkerContext {
  private final Worker worker;
  private final Notifier notifier;
  private final int token;
  private final Runnable woken;
  private final Consumer<String> problems;

  /**
   * A context for one port.
   *
   * @param token what the notifier tells when one of its fds is ready
   * @param woken run by the worker when the port wants to be called
   * @param problems gets a line if an fd can't be watched
   */
  PortContext(
      Worker worker, Notifier notifier, int token, Runnable woken, Consumer<String> problems) {
    this.worker = worker;
    this.notifier = notifier;
    this.token = token;
    this.woken = woken;
    this.problems = problems;
  }

  @Override
  public int worker() {
    return worker.number();
  }

  @Override
  public boolean watch(int fd) {
    boolean watched = notifier.watch(fd, token);
    if (!watched) {
      problems.accept("the uplink's fd can't be watched: frames from it will not arrive");
    }
    return watched;
  }

  @Override
  public void unwatch(int fd) {
    notifier.unwatch(fd);
  }

  @Override
  public void wake() {
    worker.execute(woken);
  }
}
