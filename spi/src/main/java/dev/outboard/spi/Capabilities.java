package dev.outboard.spi;

/**
 * What a transport can do.
 *
 * @param scope who shares a port
 * @param offloads the {@link Offloads} it takes on transmit
 * @param maxMtu the largest payload of an Ethernet frame it carries, in bytes
 * @param maxFragments the most fragments of one frame it takes on transmit
 * @param holdsFrames whether its ports may go on reading frames that they have accepted
 */
public record Capabilities(
    Scope scope, int offloads, int maxMtu, int maxFragments, boolean holdsFrames) {
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
