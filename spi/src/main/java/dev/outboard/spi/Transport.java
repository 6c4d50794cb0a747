package dev.outboard.spi;

/**
 * One open uplink, host-wide. One call at a time, perhaps by different threads; may block for as
 * long as a few system calls take.
 */
public interface Transport extends AutoCloseable {
  /** What this transport can do; constant while it is open. */
  Capabilities capabilities();

  /**
   * Opens a port for a guest: {@link Capabilities.Scope#PER_GUEST} transports only. The cost must
   * not depend on how many ports are open. An MTU above {@link Capabilities#maxMtu} is refused by a
   * line that names both.
   *
   * @throws TransportException with one line for the user
   */
  default GuestPort openPort(PortSpec spec) throws TransportException {
    throw new TransportException("this transport has no ports for single guests");
  }

  /**
   * Opens a worker's port: {@link Capabilities.Scope#SHARED} transports only, once for each worker,
   * which keeps it; when it has been closed, perhaps once more.
   *
   * @param worker its number
   * @throws TransportException with one line for the user
   */
  default SharedPort openSharedPort(int worker) throws TransportException {
    throw new TransportException("this transport has no ports for workers");
  }

  /**
   * Makes a peer in a network one that frames may be sent to and are accepted from: {@link
   * Capabilities.Scope#SHARED} transports only. Asked for the same peer and network a second time,
   * it gives the same number; each is closed for itself. Whether the peer is there does not matter.
   *
   * @param network the network's number (VNI), 24 bits
   * @param endpoint where the peer is, as users write it for this transport
   * @throws TransportException with one line for the user
   */
  default NextHop openPeer(int network, String endpoint) throws TransportException {
    throw new TransportException("this transport has no peers");
  }

  /**
   * Goes on with a port of another process, which stands still. Nothing is changed that the other
   * process would miss, should it keep the port after all: see {@link PortHandOver}. The state's
   * descriptors belong to the port, or are closed.
   *
   * @param state what the other process has told, with descriptors of this one
   * @throws TransportException with one line for the user; also if the port was made for something
   *     else than the specification says
   */
  default GuestPort adoptPort(PortSpec spec, PortState state) throws TransportException {
    throw new TransportException("this transport can't take ports over from another process");
  }

  /**
   * Frames may lie in this memory of a guest from now on, which can't go away under code that is
   * not Java's ({@link Region}). Told before the first frame; of what is there already when the
   * uplink is opened, before the first port is. Memory that is never told of may be made shorter at
   * any time: whoever reads it by other code than Java's may end the process. What a transport
   * can't make use of, it leaves alone.
   */
  default void memoryAdded(Region region) {}

  /**
   * No port holds a frame there any more, and none will get one. The memory may be gone when this
   * has returned. Not told of what is left when the uplink is closed.
   *
   * @param region as it was told
   */
  default void memoryRemoved(Region region) {}

  /** Closes what is left; every port has been unbound and closed before. */
  @Override
  void close();
}
