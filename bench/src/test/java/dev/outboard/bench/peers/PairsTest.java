package dev.outboard.bench.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.outboard.integration.compare.CoreState;
import dev.outboard.integration.statistics.PairedComparison.Pair;
import java.util.List;
import org.junit.jupiter.api.Test;

class PairsTest {
  private static final Cell CELL = new Cell(Shape.LOOP, 64);

  private static Turn ours(int round, double rate, CoreState state) {
    return new Turn(round, CELL, OutboardPeer.NAME, rate, state);
  }

  private static Turn theirs(int round, double rate, CoreState state) {
    return new Turn(round, CELL, VhostPeer.NAME, rate, state);
  }

  private static List<Pair> pairs(Turn... turns) {
    return Pairs.of(List.of(turns), CELL, VhostPeer.NAME);
  }

  @Test
  void turnsOfOneRoundMakeAPair() {
    assertEquals(
        List.of(new Pair(3, 2), new Pair(5, 4)),
        pairs(
            theirs(1, 2, CoreState.FAST),
            ours(1, 3, CoreState.FAST),
            ours(2, 5, CoreState.SLOW),
            theirs(2, 4, CoreState.SLOW)));
  }

  @Test
  void turnsInTwoStatesMakeNone() {
    assertEquals(List.of(), pairs(ours(1, 3, CoreState.FAST), theirs(1, 2, CoreState.SLOW)));
  }

  @Test
  void turnsInWhichTheStateChangedMakeNone() {
    assertEquals(List.of(), pairs(ours(1, 3, CoreState.MIXED), theirs(1, 2, CoreState.MIXED)));
  }

  @Test
  void turnsOfTwoRoundsMakeNone() {
    assertEquals(List.of(), pairs(ours(1, 3, CoreState.FAST), theirs(2, 2, CoreState.FAST)));
  }

  @Test
  void anotherCellIsNotMixedIn() {
    Turn larger = new Turn(1, new Cell(Shape.LOOP, 256), VhostPeer.NAME, 2, CoreState.FAST);
    assertEquals(List.of(), pairs(ours(1, 3, CoreState.FAST), larger));
  }
}
