package dev.outboard.spi;

/**
 * A worker's port of a {@link Capabilities.Scope#SHARED} transport: it carries the frames of all
 * guests and networks, each to or from the {@link NextHop} that it names. Bound to one worker from
 * the start to the end, and called by that one alone.
 */
public interface SharedPort extends FramePort {
  /**
   * Takes frames that have arrived. Each says its network and the next hop that it came from, lies
   * whole in one fragment, in memory that nobody else writes to, and is valid until {@link
   * #release}. What a frame's headers say has not been checked, but for what the transport put
   * around it. A frame may need any of the {@link Offloads}: what its receiver does not take the
   * sidecar does. The transport has made sure that its offload fields lie within the frame, and
   * that nothing is set in them that has no name. Its {@link FrameBurst#flowHash} is 0 where the
   * transport knows none. A frame that does not come from an open peer of its network is not among
   * them, and is counted. Ends what {@link #arm} has begun.
   *
   * @param into emptied by the caller before
   * @return how many were added; 0 when there are none now
   */
  int receive(FrameBurst into, int limit);

  /** The frames of the last {@link #receive} are not used any more; their memory may be. */
  void release(FrameBurst burst);

  /**
   * The worker is about to sleep: from now on the port's watched fd, or {@link WorkerContext#wake},
   * must tell it of frames.
   *
   * @return false if there are some already
   */
  boolean arm();
}
