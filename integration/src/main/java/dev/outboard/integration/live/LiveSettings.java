package dev.outboard.integration.live;

import dev.outboard.integration.UserException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;

/**
 * What a user has asked for. Immutable.
 *
 * @param guests whose frames take the arms
 * @param arms two of them, {@value #LOCAL} or an uplink's name; both may be the same
 * @param period how long frames take an arm before they take the next
 * @param pairs how often each arm has its turn
 * @param split whether one half of the guests takes an arm while the other takes the other
 */
public record LiveSettings(
    List<String> guests, List<String> arms, Duration period, int pairs, boolean split) {
  /** The arm that is shared memory. */
  public static final String LOCAL = "local";

  private static final Duration SHORTEST = Duration.ofMillis(100);
  private static final Duration LONGEST = Duration.ofHours(1);
  private static final int MOST_PAIRS = 10_000;

  /** Takes private copies. */
  public LiveSettings {
    guests = List.copyOf(guests);
    arms = List.copyOf(arms);
  }

  /** The same, if it makes sense. */
  public LiveSettings checked() throws UserException {
    if (guests.isEmpty()) {
      throw UserException.input("--live needs --guests: whose frames shall take the arms?", null);
    }
    if (new HashSet<>(guests).size() < guests.size()) {
      throw UserException.input("--guests names a guest twice", null);
    }
    if (arms.size() != 2) {
      throw UserException.input(
          "--live compares two arms, each 'local' or an uplink: --arms X,Y", null);
    }
    if (period.compareTo(SHORTEST) < 0 || period.compareTo(LONGEST) > 0) {
      throw UserException.input("--period must be between 0.1s and 1h", null);
    }
    if (pairs < 1 || pairs > MOST_PAIRS) {
      throw UserException.input(
          "--pairs must be between 1 and " + MOST_PAIRS + ", not " + pairs, null);
    }
    if (split && guests.size() < 2) {
      throw UserException.input("--split needs two guests at least", null);
    }
    return this;
  }

  /** What an arm is called in results: both have a name of their own, even if they are the same. */
  String label(int arm) {
    boolean same = arms.getFirst().equals(arms.getLast());
    return same ? arms.get(arm) + (arm == 0 ? " (A)" : " (B)") : arms.get(arm);
  }

  /** Whether same-host frames of guests on this arm take shared memory; null: as they do now. */
  Boolean localForwarding(int arm) {
    return arms.contains(LOCAL) ? (Boolean) arms.get(arm).equals(LOCAL) : null;
  }
}
