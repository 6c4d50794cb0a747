package dev.outboard.testkit;

import java.util.List;

/**
 * A frame that was received, copied.
 *
 * @param offload as {@link dev.outboard.spi.FrameBurst#offload}
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares them.
record Got(byte[] bytes, int network, int nextHop, long offload, int checksumOffset) {
  /** Checks that these are the frames that were sent, in order. */
  static void check(List<Sent> sent, List<Got> got, String counts) {
    for (int i = 0; i < Math.min(sent.size(), got.size()); i++) {
      String difference = Frames.difference(sent.get(i).bytes(), got.get(i).bytes());
      Check.that(difference == null, () -> difference);
    }
    Check.that(
        sent.size() == got.size(),
        () -> "%d of %d frames arrived; %s".formatted(got.size(), sent.size(), counts));
  }
}
