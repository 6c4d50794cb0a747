package dev.outboard.transport.kerneltcp.pool;

import java.time.Duration;

/**
 * How a pool behaves.
 *
 * @param peer whom the connections lead to, for messages
 * @param min connections there are at least, but under full pressure
 * @param max connections there are at most, in whatever state
 * @param maxOpening how many may be being opened at a time
 * @param idleTtl how long an unused connection above {@code min} is kept at most
 * @param checkEvery an idle connection that was not heard of for so long is checked
 * @param patience how long a request waits at most; also how long a check, a draining and an
 *     opening may take
 * @param reserve how much room is kept for more urgent classes: so many square roots of the
 *     connections that they use on average
 */
public record PoolSettings(
    String peer,
    int min,
    int max,
    int maxOpening,
    Duration idleTtl,
    Duration checkEvery,
    Duration patience,
    double reserve) {

  /** Refuses what makes no sense, with a line that says what. */
  public PoolSettings {
    require(min >= 0, "min must not be negative, but is " + min);
    require(max >= 1, "max must be at least 1, but is " + max);
    require(min <= max, "min must not exceed max, but is " + min + " and max " + max);
    require(maxOpening >= 1, "maxOpening must be at least 1, but is " + maxOpening);
    require(idleTtl.isPositive(), "idleTtl must be positive, but is " + idleTtl);
    require(checkEvery.isPositive(), "checkEvery must be positive, but is " + checkEvery);
    require(patience.isPositive(), "patience must be positive, but is " + patience);
    require(reserve >= 0, "reserve must not be negative, but is " + reserve);
  }

  /** What fits a peer in the same data centre. */
  public static PoolSettings of(String peer, int min, int max) {
    return new PoolSettings(
        peer, min, max, 32, Duration.ofHours(1), Duration.ofSeconds(30), Duration.ofSeconds(5), 2);
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException("connection pool: " + message);
    }
  }
}
