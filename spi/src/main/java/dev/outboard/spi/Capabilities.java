package dev.outboard.spi;

/**
 * What a transport can do. Begin with {@link #perGuest} or {@link #shared}: later versions may have
 * more components.
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

  /** What a transport with a port for each guest can do, which takes no offload. */
  public static Capabilities perGuest(int maxMtu, int maxFragments) {
    return new Capabilities(Scope.PER_GUEST, 0, maxMtu, maxFragments, false);
  }

  /** What a transport with a port for each worker can do, which takes no offload. */
  public static Capabilities shared(int maxMtu, int maxFragments) {
    return new Capabilities(Scope.SHARED, 0, maxMtu, maxFragments, false);
  }

  /** The same with these {@link Offloads}, and no others. */
  public Capabilities withOffloads(int taken) {
    return new Capabilities(scope, taken, maxMtu, maxFragments, holdsFrames);
  }

  /** The same with ports that go on reading frames, or don't. */
  public Capabilities withHoldsFrames(boolean holds) {
    return new Capabilities(scope, offloads, maxMtu, maxFragments, holds);
  }

  /** Who shares a port of the transport. */
  public enum Scope {
    /** One port per guest; what it yields is for that guest alone. */
    PER_GUEST,
    /** One {@link SharedPort} per worker, for all guests and networks. */
    SHARED
  }
}
