package dev.outboard.guest;

/**
 * A guest's network device as a load sees it, whatever carries the frames: a vhost-user sidecar, a
 * VMM with a TAP, or a plain socket. The calls move bursts, so a load makes one virtual call for
 * many frames. One thread at a time, except {@link #close}, which comes after all.
 */
public interface GuestDevice extends AutoCloseable {
  /**
   * Sends up to {@code count} frames with numbers from {@code sequence} on. Returns how many the
   * device took; the others are the caller's to offer again.
   */
  int send(FrameTemplate template, long sequence, int count);

  /** Shows up to {@code limit} received frames to the check and returns how many there were. */
  int receive(FrameCheck check, int limit);

  /**
   * Sleeps until there may be something to receive, or to send again if there was no room, or until
   * the time is over. May return early. A device that can't sleep returns at once.
   */
  void await(long timeoutNanos);

  /** Frames of this length that fit in this guest's queues, both on the way out and in. */
  int capacity(int length);

  @Override
  void close();
}
