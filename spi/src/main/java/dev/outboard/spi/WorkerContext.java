package dev.outboard.spi;

/**
 * The worker that a port is bound to, as the port sees it: from {@link FramePort#bind} until {@link
 * FramePort#unbind} returns. A {@link #wake} that comes later does no harm.
 */
public interface WorkerContext {
  /** The worker's number, from 0. */
  int worker();

  /**
   * Has the worker call the port's receive when the fd becomes readable: once per edge, so the port
   * reads until there is nothing left. The worker alone.
   *
   * @return whether it could be done; false leaves nothing behind: the port fails
   */
  boolean watch(int fd);

  /** Ends {@link #watch}. The worker alone, before the fd is closed. */
  void unwatch(int fd);

  /** Has the worker call the port soon, if it still has it. Any thread, at any time. */
  void wake();
}
