package dev.outboard.bench.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.integration.compare.CoreState;
import dev.outboard.integration.compare.Cpus;
import dev.outboard.integration.report.Factors;
import dev.outboard.integration.report.Plot;
import dev.outboard.integration.statistics.Verdict;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PeersPageTest {
  private static PeersReport report(Cell... cells) {
    List<Turn> turns = new ArrayList<>();
    for (Cell cell : cells) {
      for (int round = 1; round <= 3; round++) {
        turns.add(new Turn(round, cell, OutboardPeer.NAME, 3e6, CoreState.FAST));
        turns.add(new Turn(round, cell, VhostPeer.NAME, 2e6, CoreState.FAST));
      }
    }
    return new PeersReport(turns, List.of(cells), List.of(VhostPeer.NAME), new Cpus(0, 1));
  }

  private static <T> List<T> sections(PeersReport report, Class<T> kind) {
    return PeersPage.of(report).sections().stream()
        .filter(kind::isInstance)
        .map(kind::cast)
        .toList();
  }

  @Test
  void aRatioAboveOneSpeaksForOutboard() {
    Factors.Factor factor =
        sections(report(new Cell(Shape.LOOP, 64)), Factors.class).getFirst().factors().getFirst();
    assertEquals("64 B, dpdk-vhost", factor.name());
    assertEquals(1.5, factor.median());
    assertEquals(Verdict.Kind.BETTER, factor.kind());
  }

  @Test
  void severalSizesMakeCurvesOfAllArms() {
    Plot plot =
        sections(report(new Cell(Shape.TOUCHED, 64), new Cell(Shape.TOUCHED, 1518)), Plot.class)
            .getFirst();
    assertEquals("Frames a second, touched", plot.title());
    assertEquals(
        List.of(OutboardPeer.NAME, VhostPeer.NAME),
        plot.series().stream().map(Plot.Series::name).toList());
    assertEquals(
        List.of(Plot.Point.of(64, 3), Plot.Point.of(1518, 3)), plot.series().getFirst().points());
  }

  @Test
  void oneSizeMakesNoCurve() {
    assertTrue(sections(report(new Cell(Shape.ONE_FRAME, 64)), Plot.class).isEmpty());
  }
}
