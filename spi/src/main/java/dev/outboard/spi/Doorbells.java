package dev.outboard.spi;

/**
 * Rings many doorbells, the eventfds by which guests are called, with one system call. Part of a
 * {@link Notifier}; the worker alone calls it. It never waits for a doorbell, whatever its owner
 * does to it.
 */
public interface Doorbells {
  /**
   * Adds an eventfd to those that the next {@link #ring} adds 1 to. It stays open until then.
   *
   * @param token what {@link #refused} gives back
   * @return false if one call can ring no more than were added; it is not added
   */
  boolean add(int eventFd, int token);

  /**
   * Rings all that were added since the last call, with one system call.
   *
   * @return how many could not be rung at once; they are not rung later either
   */
  int ring();

  /** The token of one of those that the last {@link #ring} could not ring. */
  int refused(int i);
}
