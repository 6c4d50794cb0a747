package dev.outboard.bench.start;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.outboard.bench.start.StartBench.Start;
import dev.outboard.integration.compare.CoreState;
import dev.outboard.integration.statistics.PairedComparison;
import dev.outboard.integration.statistics.Statistics;
import dev.outboard.integration.wire.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the starts say, as text and as JSON. */
record StartReport(List<Start> starts) {
  private static final double MILLION = 1e6;
  private static final double KIB = 1024;

  /** Of the steady rate: from there on it counts as warm. */
  private static final double WARM = 0.9;

  /** One figure of a start; less is better of all but the last. */
  private enum Figure {
    CONNECTED_MS,
    FIRST_FRAME_MS,
    WARM_UP_MS,
    LOST_MS,
    RESIDENT_MIB,
    RESIDENT_LOADED_MIB,
    STEADY_FRAMES_PER_SECOND;

    double of(Start start) {
      return switch (this) {
        case CONNECTED_MS -> start.connectedNanos() / MILLION;
        case FIRST_FRAME_MS -> start.frameNanos() / MILLION;
        case WARM_UP_MS -> start.curve().millisTo(WARM);
        case LOST_MS -> start.curve().lostMillis();
        case RESIDENT_MIB -> start.residentKib() / KIB;
        case RESIDENT_LOADED_MIB -> start.loadedKib() / KIB;
        case STEADY_FRAMES_PER_SECOND -> start.curve().steadyPerSecond();
      };
    }

    /** Whether it depends on how the processors were during the load. */
    boolean isOfLoad() {
      return this == WARM_UP_MS || this == LOST_MS || this == STEADY_FRAMES_PER_SECOND;
    }

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private List<Start> of(StartKind kind) {
    return starts.stream().filter(start -> start.kind() == kind).toList();
  }

  private List<StartKind> kinds() {
    return starts.stream().map(Start::kind).distinct().sorted().toList();
  }

  private double median(StartKind kind, Figure figure) {
    return Statistics.median(values(kind, figure));
  }

  private List<Double> values(StartKind kind, Figure figure) {
    return of(kind).stream().map(figure::of).toList();
  }

  /** The cache's figure for each of the other's, by pairs of one round. */
  private Statistics.Interval ratio(StartKind other, Figure figure) {
    List<PairedComparison.Pair> pairs = new ArrayList<>();
    for (Start ours : of(StartKind.CACHE)) {
      for (Start theirs : of(other)) {
        boolean comparable =
            !figure.isOfLoad()
                || (ours.state() == theirs.state() && ours.state() != CoreState.MIXED);
        if (ours.round() == theirs.round() && comparable) {
          pairs.add(new PairedComparison.Pair(figure.of(ours), figure.of(theirs)));
        }
      }
    }
    return PairedComparison.of(pairs).ratio();
  }

  String text() {
    StringBuilder text = new StringBuilder();
    text.append(line("%-9s", "START"));
    for (Figure figure : Figure.values()) {
      text.append(line(" %19s", figure.label().replace("steady_frames_per_second", "frames/s")));
    }
    text.append('\n');
    for (StartKind kind : kinds()) {
      text.append(line("%-9s", kind.label()));
      for (Figure figure : Figure.values()) {
        text.append(line(" %,19.0f", median(kind, figure)));
      }
      text.append('\n');
    }
    for (StartKind kind : kinds()) {
      if (kind != StartKind.CACHE) {
        for (Figure figure : List.of(Figure.FIRST_FRAME_MS, Figure.WARM_UP_MS, Figure.LOST_MS)) {
          Statistics.Interval ratio = ratio(kind, figure);
          if (ratio.count() > 0) {
            text.append(
                line(
                    "%s: with the cache %.2f times %s's [%.2f, %.2f], %d pairs%n",
                    figure.label(),
                    ratio.median(),
                    kind.label(),
                    ratio.low(),
                    ratio.high(),
                    ratio.count()));
          }
        }
      }
    }
    text.append(
        line(
            "Medians of %d starts each; first frame %.0f to %.0f ms with the cache. Warm is %.0f %%"
                + " of the steady rate; lost is what that took, in times of nothing.%n",
            of(StartKind.CACHE).size(), extreme(-1), extreme(1), 100 * WARM));
    text.append("JVM: ").append(String.join(" ", flags())).append('\n');
    return text.toString();
  }

  private double extreme(int sign) {
    return sign
        * values(StartKind.CACHE, Figure.FIRST_FRAME_MS).stream()
            .mapToDouble(value -> sign * value)
            .max()
            .orElse(0);
  }

  private List<String> flags() {
    return of(StartKind.CACHE).getFirst().flags();
  }

  /** As a tree, for a file. */
  ObjectNode json() {
    ObjectNode root = Json.api().createObjectNode();
    for (Figure figure : Figure.values()) {
      root.put(figure.label(), median(StartKind.CACHE, figure));
    }
    ArrayNode arms = root.putArray("arms");
    for (StartKind kind : kinds()) {
      ObjectNode arm = arms.addObject().put("arm", kind.label());
      arm.put("starts", of(kind).size());
      for (Figure figure : Figure.values()) {
        arm.put(figure.label(), median(kind, figure));
      }
      for (Figure figure : List.of(Figure.FIRST_FRAME_MS, Figure.WARM_UP_MS, Figure.LOST_MS)) {
        Statistics.Interval ratio = ratio(kind, figure);
        if (kind != StartKind.CACHE && ratio.count() > 0) {
          arm.putObject("cache_to_this_" + figure.label())
              .put("median", ratio.median())
              .put("low95", ratio.low())
              .put("high95", ratio.high())
              .put("rounds", ratio.count());
        }
      }
    }
    ArrayNode all = root.putArray("starts");
    for (Start start : starts) {
      ObjectNode one = all.addObject().put("arm", start.kind().label());
      one.put("round", start.round()).put("state", start.state().label());
      for (Figure figure : Figure.values()) {
        one.put(figure.label(), figure.of(start));
      }
      ArrayNode buckets = one.putArray("frames_by_10_ms");
      for (long frames : start.curve().frames()) {
        buckets.add(frames);
      }
    }
    ArrayNode flags = root.putArray("jvm_flags");
    flags().forEach(flags::add);
    ObjectNode host = root.putObject("host");
    host.put("cpus", Runtime.getRuntime().availableProcessors());
    host.put("kernel", System.getProperty("os.version"));
    host.put("java", Runtime.version().toString());
    return root;
  }

  private static String line(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
