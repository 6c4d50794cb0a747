package dev.outboard.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.outboard.integration.compare.CoreState;
import dev.outboard.integration.compare.Cpus;
import dev.outboard.integration.statistics.PairedComparison;
import dev.outboard.integration.statistics.Statistics;
import dev.outboard.integration.wire.Json;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Collectors;

/** What the crowds' turns say, as text and as JSON. */
record CrowdReport(
    CrowdBench.Settings settings,
    List<CrowdBench.Turn> turns,
    CrowdBench.Memory memory,
    Cpus cpus) {
  private static final int MOST_PARTS = 20;

  private List<CrowdBench.Turn> of(CrowdArm.Crowd crowd, int frames) {
    return turns.stream()
        .filter(turn -> turn.crowd().equals(crowd) && turn.frames() == frames)
        .toList();
  }

  /** Nanoseconds of the worker per frame. */
  Statistics.Interval nanos(CrowdArm.Crowd crowd, int frames) {
    List<Double> values =
        of(crowd, frames).stream().map(turn -> turn.result().nanosPerFrame()).toList();
    return Statistics.bootstrap(values, new Random(1));
  }

  /** Times what the first crowd needs, by turns of one round and one state of the processors. */
  Statistics.Interval ratio(CrowdArm.Crowd crowd, int frames) {
    List<PairedComparison.Pair> pairs = new ArrayList<>();
    for (CrowdBench.Turn turn : of(crowd, frames)) {
      for (CrowdBench.Turn first : of(settings.crowds().getFirst(), frames)) {
        if (turn.round() == first.round()
            && turn.state() == first.state()
            && turn.state() != CoreState.MIXED) {
          pairs.add(
              new PairedComparison.Pair(
                  turn.result().nanosPerFrame(), first.result().nanosPerFrame()));
        }
      }
    }
    return PairedComparison.of(pairs).ratio();
  }

  private double kicks(CrowdArm.Crowd crowd, int frames) {
    return Statistics.median(
        of(crowd, frames).stream().map(turn -> turn.result().kicksPerFrame()).toList());
  }

  /** Bytes of the state on the way of frames, for each guest. */
  long stateBytes(boolean arrays) {
    return memory.state().stream()
        .filter(part -> part.array() == arrays)
        .mapToLong(GuestState.Part::bytes)
        .sum();
  }

  String text() {
    StringBuilder text =
        new StringBuilder(
            line(
                "%8s %8s %12s %9s %-16s %s%n",
                "GUESTS", "ACTIVE", "FRAMES EACH", "NS/FRAME", "95 %", "TIMES THE FIRST"));
    for (int frames : settings.frames()) {
      for (CrowdArm.Crowd crowd : settings.crowds()) {
        Statistics.Interval nanos = nanos(crowd, frames);
        Statistics.Interval ratio = ratio(crowd, frames);
        text.append(
            line(
                "%,8d %,8d %12d %9.1f [%.1f, %.1f]%s%s%n",
                crowd.guests(),
                crowd.active(),
                frames,
                nanos.median(),
                nanos.low(),
                nanos.high(),
                ratio.count() == 0
                    ? "  never in one state with the first"
                    : line(
                        "  %.2f [%.2f, %.2f], %d pairs",
                        ratio.median(), ratio.low(), ratio.high(), ratio.count()),
                kicks(crowd, frames) > 0.001 ? line(", %.3f kicks", kicks(crowd, frames)) : ""));
      }
    }
    text.append(
        line(
            "Frames of %d bytes. Guests on processor %d, the worker on %d. Turns by state of the"
                + " processors: %s.%n",
            CrowdLoad.FRAME, cpus.first(), cpus.second(), states()));
    text.append(
        line(
            "%nBytes for each of %,d guests: heap %,d, all own memory %,d; on the way of frames"
                + " %,d, of which arrays %,d:%n",
            memory.crowd().guests(),
            memory.heap(),
            memory.own(),
            stateBytes(true) + stateBytes(false),
            stateBytes(true)));
    memory.state().stream()
        .limit(MOST_PARTS)
        .forEach(
            part -> text.append(line("%,10d  %3d  %s%n", part.bytes(), part.count(), part.name())));
    return text.toString();
  }

  private String states() {
    return Arrays.stream(CoreState.values())
        .map(state -> state.label() + " " + turns.stream().filter(t -> t.state() == state).count())
        .collect(Collectors.joining(", "));
  }

  /** As a tree, for a file. */
  ObjectNode json() {
    ObjectNode root = Json.api().createObjectNode();
    ArrayNode cells = root.putArray("cells");
    for (int frames : settings.frames()) {
      for (CrowdArm.Crowd crowd : settings.crowds()) {
        Statistics.Interval nanos = nanos(crowd, frames);
        ObjectNode cell = cells.addObject();
        cell.put("guests", crowd.guests()).put("active", crowd.active());
        cell.put("frames_each", frames);
        put(cell.putObject("ns_per_frame"), nanos);
        Statistics.Interval ratio = ratio(crowd, frames);
        if (ratio.count() > 0) {
          put(cell.putObject("to_first"), ratio);
        }
        cell.put("kicks_per_frame", kicks(crowd, frames));
      }
    }
    ObjectNode bytes = root.putObject("bytes_per_guest");
    bytes.put("guests", memory.crowd().guests());
    bytes.put("heap", memory.heap());
    bytes.put("own_memory", memory.own());
    bytes.put("hot", stateBytes(true) + stateBytes(false));
    bytes.put("hot_arrays", stateBytes(true));
    ArrayNode parts = bytes.putArray("parts");
    for (GuestState.Part part : memory.state()) {
      parts
          .addObject()
          .put("name", part.name())
          .put("array", part.array())
          .put("count", part.count())
          .put("bytes", part.bytes());
    }
    ObjectNode host = root.putObject("host");
    host.put("guests_cpu", cpus.first());
    host.put("worker_cpu", cpus.second());
    host.put("kernel", System.getProperty("os.version"));
    host.put("java", Runtime.version().toString());
    host.put("states", states());
    return root;
  }

  private static void put(ObjectNode node, Statistics.Interval interval) {
    node.put("median", interval.median());
    node.put("low95", interval.low());
    node.put("high95", interval.high());
    node.put("rounds", interval.count());
  }

  private static String line(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
