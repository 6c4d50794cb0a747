package dev.outboard.spi;

/**
 * How urgent a guest's frames are, as its owner says of it; a burst has that of its guest ({@link
 * FrameBurst#priority}). The most urgent comes first. What a transport makes of it is its own
 * affair; one that makes nothing of it treats all alike.
 */
public enum Priority {
  /** Sensitive to latency: not to be held up by others. */
  LATENCY(0),
  /** What a guest has of which nothing is said. */
  STANDARD(1),
  /** May wait for others. */
  BULK(2);

  private final int rank;

  Priority(int rank) {
    this.rank = rank;
  }

  /** How many are more urgent: an index of arrays that have something for each. */
  public int rank() {
    return rank;
  }
}
