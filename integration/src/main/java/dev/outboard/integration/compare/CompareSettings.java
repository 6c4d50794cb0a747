package dev.outboard.integration.compare;

import java.util.List;

/**
 * What a user has asked for. Immutable.
 *
 * @param arms the first is compared with each of the others
 * @param rounds how often each arm has its turn
 * @param seconds how long each of the three loads runs in a turn
 */
public record CompareSettings(List<Arm> arms, int rounds, double seconds) {
  /** Takes a private copy of the arms. */
  public CompareSettings {
    arms = List.copyOf(arms);
  }
}
