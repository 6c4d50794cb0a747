package dev.outboard.spi;

/**
 * A port that can pass to another process while its guest lives. The process that has it tells its
 * {@link #state}; the other one gives that to {@link Transport#adoptPort}, and calls {@link #own}
 * when there is no way back. Until then either of the two may end, or {@link FramePort#close} its
 * port, and the port goes on in the first; after it, in the second. Called as {@link Transport} is.
 */
public interface PortHandOver {
  /**
   * What the other process must know; no worker uses the port meanwhile.
   *
   * @throws TransportException with one line for the user; the port stays as it is
   */
  PortState state() throws TransportException;

  /** The other process has given the port up: from now on it is this one's to clear away. */
  void own();
}
