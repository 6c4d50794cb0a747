package dev.outboard.bench.peers;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.outboard.integration.compare.CoreState;
import dev.outboard.integration.compare.Cpus;
import dev.outboard.integration.statistics.PairedComparison;
import dev.outboard.integration.statistics.Statistics;
import dev.outboard.integration.wire.Json;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What the turns say, as text and as JSON. */
record PeersReport(List<Turn> turns, List<Cell> cells, List<String> peers, Cpus cpus) {
  Statistics.Interval ratio(Cell cell, String peer) {
    return PairedComparison.of(Pairs.of(turns, cell, peer)).ratio();
  }

  double median(Cell cell, String arm) {
    return Statistics.median(
        turns.stream()
            .filter(turn -> turn.cell().equals(cell) && turn.arm().equals(arm))
            .map(Turn::framesPerSecond)
            .toList());
  }

  String text() {
    StringBuilder text =
        new StringBuilder("SHAPE      BYTES  PEER         OUTBOARD/s     PEER/s  RATIO  95 %\n");
    for (Cell cell : cells) {
      for (String peer : peers) {
        Statistics.Interval ratio = ratio(cell, peer);
        text.append(
            String.format(
                Locale.ROOT,
                "%-10s %5d  %-11s %11.0f %10.0f  %5.2f  [%.2f, %.2f], %d rounds%n",
                cell.shape().label(),
                cell.size(),
                peer,
                median(cell, OutboardPeer.NAME),
                median(cell, peer),
                ratio.median(),
                ratio.low(),
                ratio.high(),
                ratio.count()));
      }
    }
    text.append("Frames per second that came out of the switch. Guests on processor ")
        .append(cpus.first())
        .append(", each switch on ")
        .append(cpus.second())
        .append(", all of its threads. Turns by state of the processors: ")
        .append(states())
        .append(".\n");
    return text.toString();
  }

  String states() {
    return Arrays.stream(CoreState.values())
        .map(
            state ->
                state.label() + " " + turns.stream().filter(turn -> turn.state() == state).count())
        .collect(Collectors.joining(", "));
  }

  /** As a tree, for a file or a page. */
  ObjectNode json() {
    ObjectNode root = Json.api().createObjectNode();
    ArrayNode ratios = root.putArray("ratios");
    ArrayNode rtt = root.putArray("rtt");
    ArrayNode all = root.putArray("cells");
    for (Cell cell : cells) {
      for (String peer : peers) {
        Statistics.Interval ratio = ratio(cell, peer);
        if (ratio.count() == 0) {
          continue; // The processors were never in one state for both.
        }
        switch (cell.shape()) {
          case LOOP -> put(ratios.addObject(), cell, peer, ratio);
          case ONE_FRAME -> {
            // A frame's time is the other way round than frames per second.
            put(
                rtt.addObject(),
                cell,
                peer,
                new Statistics.Interval(
                    1 / ratio.median(), 1 / ratio.high(), 1 / ratio.low(), ratio.count()));
          }
          case ONE_WAY, TOUCHED -> {}
        }
        ObjectNode one = all.addObject();
        one.put("shape", cell.shape().label());
        put(one, cell, peer, ratio);
        one.put("outboard_per_second", median(cell, OutboardPeer.NAME));
        one.put("peer_per_second", median(cell, peer));
      }
    }
    ObjectNode host = root.putObject("host");
    host.put("guests_cpu", cpus.first());
    host.put("switch_cpu", cpus.second());
    host.put("kernel", System.getProperty("os.version"));
    host.put("java", Runtime.version().toString());
    host.put("states", states());
    return root;
  }

  private static void put(ObjectNode node, Cell cell, String peer, Statistics.Interval ratio) {
    node.put("peer", peer);
    node.put("size", cell.size());
    node.put("median", ratio.median());
    node.put("low95", ratio.low());
    node.put("high95", ratio.high());
    node.put("rounds", ratio.count());
  }
}
