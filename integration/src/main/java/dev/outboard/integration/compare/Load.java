package dev.outboard.integration.compare;

import java.util.Locale;

/**
 * The three loads of a turn. Sizes are Ethernet's: 64 and 1518 bytes with the frame check sequence,
 * which no virtual device carries, so 60 and 1514 in memory. Immutable.
 */
enum Load {
  /** One frame in flight, there and back. */
  RTT("rtt size=60"),
  /** Frames of 64 bytes, one way. */
  SMALL("stream size=60 window=%1$d burst=32"),
  /** Frames of 1518 bytes, one way. */
  LARGE("stream size=1514 window=%1$d burst=32");

  /** Frames under way at most, in every arm: fewer than any queue on the way holds. */
  static final int WINDOW = 256;

  private final String words;

  Load(String words) {
    this.words = words;
  }

  /** What the load's process is told. */
  String command(double seconds) {
    return String.format(Locale.ROOT, words + " seconds=%2$.4f", WINDOW, seconds);
  }
}
