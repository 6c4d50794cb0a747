package dev.outboard.spi;

/**
 * One open uplink, host-wide. Called by the control thread alone; may block for as long as a few
 * system calls take.
 */
public interface Transport extends AutoCloseable {
  /** What this transport can do; constant while it is open. */
  Capabilities capabilities();

  /**
   * Opens a port: for a {@link Capabilities.Scope#PER_GUEST} transport one per guest. The cost must
   * not depend on how many ports are open.
   *
   * @throws TransportException with one line for the user
   */
  FramePort openPort(PortSpec spec) throws TransportException;

  /** Closes what is left; every port has been unbound and closed before. */
  @Override
  void close();
}
