package dev.outboard.integration.compare;

import java.util.Locale;

/**
 * The loads of a turn. Sizes are Ethernet's: 64 and 1518 bytes with the frame check sequence, which
 * no virtual device carries, so 60 and 1514 in memory. Immutable.
 */
enum Load {
  /** One frame in flight, there and back. */
  RTT("rtt size=60", Idling.YIELD),
  /** Frames of 64 bytes, one way. */
  SMALL("stream size=60 window=%1$d burst=32", Idling.SLEEP),
  /** Frames of 1518 bytes, one way. */
  LARGE("stream size=1514 window=%1$d burst=32", Idling.SLEEP),
  /** Frames of 64 bytes there and back, as many as are answered; only to find {@link #PACED}. */
  CAPACITY("messages request=60 response=60 in-flight=64", Idling.YIELD),
  /** Frames of 64 bytes there and back at a rate that each arm is able to. */
  PACED("paced size=60 window=%1$d rate=%3$d", Idling.YIELD);

  /** Frames under way at most, in every arm: fewer than any queue on the way holds. */
  static final int WINDOW = 256;

  /**
   * What guests do that find nothing, where each shares its processor with a sidecar. Latency is
   * measured with guests that look again at once, and let the sidecar run first; work with guests
   * that sleep, so that only work is counted.
   */
  private static final class Idling {
    static final String YIELD = " idling=yield";
    static final String SLEEP = " idling=sleep";

    private Idling() {}
  }

  private final String words;
  private final String idling;

  Load(String words, String idling) {
    this.words = words;
    this.idling = idling;
  }

  /**
   * What the load's process is told.
   *
   * @param rate requests a second; for {@link #PACED} alone
   */
  String command(Topology topology, double seconds, long rate) {
    return String.format(Locale.ROOT, words + " seconds=%2$.4f", WINDOW, seconds, rate)
        + (topology == Topology.TWO_HOST ? idling : "");
  }
}
