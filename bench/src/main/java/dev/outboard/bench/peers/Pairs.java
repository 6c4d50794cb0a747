package dev.outboard.bench.peers;

import dev.outboard.integration.compare.CoreState;
import dev.outboard.integration.statistics.PairedComparison;
import java.util.ArrayList;
import java.util.List;

/** Which turns make pairs: those of one round whose processors were in one and the same state. */
final class Pairs {
  private Pairs() {}

  /** Outboard's turns of a cell, each with the other arm's of the same round. */
  static List<PairedComparison.Pair> of(List<Turn> turns, Cell cell, String peer) {
    List<PairedComparison.Pair> pairs = new ArrayList<>();
    for (Turn ours : turns) {
      if (ours.cell().equals(cell) && ours.arm().equals(OutboardPeer.NAME)) {
        turns.stream()
            .filter(turn -> turn.cell().equals(cell) && turn.arm().equals(peer))
            .filter(turn -> turn.round() == ours.round() && turn.state() == ours.state())
            .filter(turn -> turn.state() != CoreState.MIXED)
            .forEach(
                turn ->
                    pairs.add(
                        new PairedComparison.Pair(ours.framesPerSecond(), turn.framesPerSecond())));
      }
    }
    return pairs;
  }
}
