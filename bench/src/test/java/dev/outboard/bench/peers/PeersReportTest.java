package dev.outboard.bench.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.integration.compare.CoreState;
import dev.outboard.integration.compare.Cpus;
import java.util.List;
import org.junit.jupiter.api.Test;

class PeersReportTest {
  private static JsonNode json(Shape shape, CoreState theirs) {
    Cell cell = new Cell(shape, 64);
    List<Turn> turns =
        List.of(
            new Turn(1, cell, OutboardPeer.NAME, 4e6, CoreState.FAST),
            new Turn(1, cell, VhostPeer.NAME, 2e6, theirs));
    PeersReport report =
        new PeersReport(turns, List.of(cell), List.of(VhostPeer.NAME), new Cpus(0, 1));
    return report.json();
  }

  @Test
  void ratiosAreOfFramesASecond() {
    JsonNode ratio = json(Shape.LOOP, CoreState.FAST).at("/ratios/0");
    assertEquals("dpdk-vhost", ratio.get("peer").asText());
    assertEquals(64, ratio.get("size").asInt());
    assertEquals(2.0, ratio.get("median").asDouble());
    assertEquals(1, ratio.get("rounds").asInt());
  }

  @Test
  void aSingleFramesRatioIsOfItsTime() {
    assertEquals(0.5, json(Shape.ONE_FRAME, CoreState.FAST).at("/rtt/0/median").asDouble());
  }

  @Test
  void whatHasNoPairInOneStateIsLeftOut() {
    JsonNode json = json(Shape.LOOP, CoreState.SLOW);
    assertEquals(0, json.get("ratios").size());
    assertEquals(0, json.get("cells").size());
  }
}
