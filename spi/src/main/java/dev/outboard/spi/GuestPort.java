package dev.outboard.spi;

/**
 * A guest's port of a {@link Capabilities.Scope#PER_GUEST} transport. It reads frames straight into
 * its guest's receive buffers, with no copy of ours between: all it yields must be for that guest,
 * there is no way back. Unlike a {@link SharedPort} it may be unbound and bound again, to another
 * worker; frames that have come meanwhile are kept.
 */
public interface GuestPort extends FramePort {
  /**
   * Which {@link Offloads} the frames that this port yields may need; the guest's driver has agreed
   * to them. Before the first receive, and again when a driver starts anew: what has been queued
   * for the former one is made fit, or dropped and counted. None, until this is called. The worker.
   */
  default void receiveOffloads(int offloads) {}

  /**
   * Reads up to {@code limit} frames into the space, recording each by {@link
   * ReceiveSpace#addFrame}. The space belongs to the caller again on return.
   *
   * @return how many were recorded; fewer than {@code limit} although there is space left means
   *     that there are no more now, and the port's watched fd, or {@link WorkerContext#wake}, will
   *     tell of the next
   */
  int receive(ReceiveSpace space, int limit);
}
