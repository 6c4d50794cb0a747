package dev.outboard.spi;

/**
 * What a transport can do.
 *
 * @param scope who shares a port
 * @param offloads the {@link Offloads} it takes on transmit
 * @param maxMtu the largest payload of an Ethernet frame it carries, in bytes; {@link #LEAST_MTU}
 *     or more
 * @param maxFragments the most fragments of one frame it takes on transmit; {@link
 *     #LEAST_FRAGMENTS} or more
 * @param holdsFrames whether its ports may go on reading frames that they have accepted; only those
 *     of workers are given frames that may be held
 */
public record Capabilities(
    Scope scope, int offloads, int maxMtu, int maxFragments, boolean holdsFrames) {
  /** What IPv4 wants of any link. */
  public static final int LEAST_MTU = 576;

  /** The headers, which are the worker's, and the payload. */
  public static final int LEAST_FRAGMENTS = 2;

  /** A transport that is done with frames when it has accepted them. */
  public Capabilities(Scope scope, int offloads, int maxMtu, int maxFragments) {
    this(scope, offloads, maxMtu, maxFragments, false);
  }

  /** Who shares a port of the transport. */
  public enum Scope {
    /** One port per guest; what it yields is for that guest alone. */
    PER_GUEST,
    /** One {@link SharedPort} per worker, for all guests and networks. */
    SHARED
  }
}
