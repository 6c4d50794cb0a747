package dev.outboard.testkit;

import dev.outboard.spi.FrameBurst;

/**
 * A frame to be sent.
 *
 * @param fragments into how many it is cut
 * @param offload as {@link FrameBurst#offload}
 * @param checksumOffset as {@link FrameBurst#checksumOffset}
 * @param flow what its flow hash is made of
 * @param mayBeHeld whether it has a token, where the transport holds frames
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares them.
record Sent(
    byte[] bytes, int fragments, long offload, int checksumOffset, int flow, boolean mayBeHeld) {
  /** How much of a frame is in its first, private fragment, at most. */
  static final int FIRST_FRAGMENT = 128;

  static Sent of(byte[] bytes) {
    return new Sent(bytes, 2, 0, 0, 0, true);
  }

  Sent cutInto(int pieces) {
    return new Sent(bytes, pieces, offload, checksumOffset, flow, mayBeHeld);
  }

  Sent ofFlow(int number) {
    return new Sent(bytes, fragments, offload, checksumOffset, number, mayBeHeld);
  }

  Sent withoutToken() {
    return new Sent(bytes, fragments, offload, checksumOffset, flow, false);
  }

  /** With offload fields as {@link FrameBurst} has them. */
  Sent needing(long fields, int sumOffset) {
    return new Sent(bytes, fragments, fields, sumOffset, flow, mayBeHeld);
  }
}
