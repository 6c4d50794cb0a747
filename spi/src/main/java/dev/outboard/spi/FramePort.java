package dev.outboard.spi;

/**
 * Where frames leave the sidecar and come in: a {@link GuestPort} or a {@link SharedPort}. Opened
 * and closed as {@link Transport} is called; all else, {@link #bind} and {@link #unbind} included,
 * is called by one worker.
 *
 * <p>No call blocks, throws for I/O or allocates: a port that can't go on returns 0, says why in
 * {@link #failure} and counts what it drops.
 */
public interface FramePort extends AutoCloseable {
  /** Gives the port to the worker that calls. */
  void bind(WorkerContext context);

  /**
   * Takes the port from the worker that calls: when this returns, its fds are no longer watched,
   * and nothing that it has held is read any more. The worker has asked for tokens before, for a
   * second at most.
   */
  void unbind();

  /**
   * Sends {@code count} frames starting with frame {@code from}. All of them need only offloads
   * that {@link Capabilities#offloads} lists. The burst and the frames' memory are only read. A
   * frame that can't be sent at all, to a peer that is closed for example, is accepted and counted:
   * it must not hold up those behind it. Frames of a flow keep their order.
   *
   * @return how many were accepted, in order; those are finished when this returns, unless the port
   *     has said that it holds them ({@link FrameBurst#hold}). The tail stays with the caller,
   *     which will come again. 0 when the port is full or has failed
   */
  int transmit(FrameBurst frames, int from, int count);

  /**
   * Gives tokens of held frames back that the port reads no more, each as often as it was held,
   * also when they could not be sent, or the other side takes none or is gone. While it holds
   * frames, the port is asked again and again.
   *
   * @param limit how many tokens there is room for
   * @return how many tokens there are
   */
  default int reclaim(long[] tokens, int limit) {
    return 0;
  }

  /**
   * Makes sure that all accepted frames would survive the end of this process; once per burst of
   * the guest, before the guest is told that they are sent. Harmless at any other time.
   */
  default void flush() {}

  /** Why the port has failed for good, or null. Any thread. */
  String failure();

  /**
   * Gives everything back, frames that wait for a receive included; unbound before, or never bound.
   * As {@link Transport} is called.
   */
  @Override
  void close();
}
