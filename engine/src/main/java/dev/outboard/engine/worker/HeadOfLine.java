package dev.outboard.engine.worker;

/**
 * What has to be remembered between bursts of the frame at the head of a transmit queue or of an
 * uplink: since when it waits for its destination, and how much of it is delivered. Belongs to the
 * worker that takes the frames.
 */
final class HeadOfLine {
  /** When the frame at the head was first refused, or 0. */
  long blockedSince;

  /**
   * Of the frame at the head, a super-frame that has to be cut: the segments that are delivered.
   */
  int segmentsDone;
}
