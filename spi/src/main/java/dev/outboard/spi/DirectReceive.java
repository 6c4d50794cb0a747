package dev.outboard.spi;

/**
 * A {@link Capabilities.Scope#PER_GUEST} port that reads frames straight into its guest's receive
 * buffers, with no copy of ours between. All it yields must be for that guest: there is no way
 * back. The port's worker alone calls it.
 */
public interface DirectReceive {
  /**
   * Reads up to {@code limit} frames into the space, recording each by {@link
   * ReceiveSpace#addFrame}. Never blocks. The space belongs to the caller again on return.
   *
   * @return how many were recorded; fewer than {@code limit} although there is space left means
   *     that there are no more now, and the port's watched fd, or {@link WorkerContext#wake}, will
   *     tell of the next
   */
  int receive(ReceiveSpace space, int limit);
}
