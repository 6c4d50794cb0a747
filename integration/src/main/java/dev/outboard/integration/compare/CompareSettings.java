package dev.outboard.integration.compare;

import java.util.List;

/**
 * What a user has asked for. Immutable.
 *
 * @param topology where the guests are
 * @param arms the first is compared with each of the others
 * @param rounds how often each arm has its turn
 * @param seconds how long each load runs in a turn
 * @param linkRate how fast the wire between two hosts is; null: as fast as it can
 */
public record CompareSettings(
    Topology topology, List<Arm> arms, int rounds, double seconds, LinkRate linkRate) {
  /** Takes a private copy of the arms. */
  public CompareSettings {
    arms = List.copyOf(arms);
  }
}
