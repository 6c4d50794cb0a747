package dev.outboard.spi;

/**
 * A peer in one network: where frames of that network can be sent, and come from, by the ports of a
 * {@link Capabilities.Scope#SHARED} transport. Opened and closed while workers run, each as {@link
 * Transport} is called.
 */
public interface NextHop extends AutoCloseable {
  /** What frames carry ({@link FrameBurst#nextHop}): a small number, unique in its transport. */
  int number();

  /**
   * No frame comes from there any more, nor is sent there: such frames are dropped and counted.
   * Closing twice is no error. The number is given out again only after every worker has passed a
   * quiescent point; the caller sees to that.
   */
  @Override
  void close();
}
