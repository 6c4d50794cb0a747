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
 * @param dpdk how DPDK drives that wire
 */
public record CompareSettings(
    Topology topology,
    List<Arm> arms,
    int rounds,
    double seconds,
    LinkRate linkRate,
    DpdkDriver dpdk) {
  /** Takes a private copy of the arms. */
  public CompareSettings {
    arms = List.copyOf(arms);
  }

  /** The same but for an arm. */
  public CompareSettings without(Arm arm) {
    List<Arm> others = arms.stream().filter(other -> other != arm).toList();
    return new CompareSettings(topology, others, rounds, seconds, linkRate, dpdk);
  }
}
