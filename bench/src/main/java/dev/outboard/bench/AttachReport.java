package dev.outboard.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.outboard.integration.wire.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the attach benchmark says: a table for people and JSON for programs. */
final class AttachReport {
  /** A step that costs this many times more with all guests than with the fewest is no constant. */
  private static final double FLAT = 2;

  private static final int NAME_WIDTH = 46;

  private final List<Integer> sizes;
  private final int samples;
  private final List<Row> rows = new ArrayList<>();

  /** One step of one arm; samples by number of guests, as in {@code sizes}. */
  private record Row(String arm, String step, List<long[]> nanos, Quantiles.Ratio ratio) {
    String verdict() {
      return ratio.high() < FLAT ? "flat" : ratio.low() > FLAT ? "grows" : "unclear";
    }

    double microsPerGuest(List<Integer> sizes) {
      int others = Math.max(1, sizes.getLast() - sizes.getFirst());
      long more = Quantiles.at(nanos.getLast(), 0.5) - Quantiles.at(nanos.getFirst(), 0.5);
      return more / 1000.0 / others;
    }
  }

  AttachReport(List<Integer> sizes, int samples, List<AttachBench.Result> results) {
    this.sizes = sizes;
    this.samples = samples;
    for (String arm : results.stream().map(AttachBench.Result::arm).distinct().toList()) {
      List<AttachBench.Result> of = results.stream().filter(r -> r.arm().equals(arm)).toList();
      List<String> steps = of.getFirst().steps();
      for (int s = 0; s < steps.size(); s++) {
        int step = s;
        List<long[]> nanos = of.stream().map(r -> r.nanos().get(step)).toList();
        Quantiles.Ratio ratio = Quantiles.medians(nanos.getLast(), nanos.getFirst());
        rows.add(new Row(arm, steps.get(step), nanos, ratio));
      }
    }
  }

  String text() {
    StringBuilder out = new StringBuilder();
    out.append("\nTime of attach and detach in microseconds, ").append(samples);
    out.append(" samples each, interleaved\n\n");
    out.append(" ".repeat(NAME_WIDTH));
    for (int size : sizes) {
      out.append(line("%17s", line("%,d guest%s", size, size == 1 ? "" : "s")));
    }
    out.append(line("   %,d to %,d guests%n", sizes.getLast(), sizes.getFirst()));
    out.append(" ".repeat(NAME_WIDTH));
    out.append(line("%9s%8s", "p50", "p99").repeat(sizes.size()));
    out.append("   ratio (95 %)        us per guest\n");
    for (Row row : rows) {
      out.append(line("%-" + NAME_WIDTH + "s", row.arm + ": " + row.step));
      for (long[] nanos : row.nanos) {
        out.append(line("%9.0f%8.0f", micros(nanos, 0.5), micros(nanos, 0.99)));
      }
      Quantiles.Ratio ratio = row.ratio;
      out.append(line("   %.2f (%.2f-%.2f)", ratio.value(), ratio.low(), ratio.high()));
      out.append(line("  %+10.3f  %s%n", row.microsPerGuest(sizes), row.verdict()));
    }
    return out.append(conclusion()).toString();
  }

  private String conclusion() {
    StringBuilder out = new StringBuilder("\n");
    for (String verdict : List.of("grows", "unclear")) {
      List<String> named =
          rows.stream()
              .filter(row -> row.verdict().equals(verdict))
              .map(row -> row.arm + ": " + row.step)
              .toList();
      if (!named.isEmpty()) {
        out.append("With the number of guests ").append(verdict).append(": ");
        out.append(String.join("; ", named)).append(".\n");
        boolean kernel = named.stream().anyMatch(name -> name.startsWith(AttachBench.KERNEL));
        out.append(kernel ? "A Linux bridge goes through its ports when one comes or goes.\n" : "");
      }
    }
    if (out.length() == 1) {
      out.append(
          line("No step grows with the number of guests: each ratio is below %.0f.%n", FLAT));
    }
    return out.toString();
  }

  String json() throws JsonProcessingException {
    ObjectNode root = Json.api().createObjectNode();
    ObjectNode host = root.putObject("host");
    host.put("cpus", Runtime.getRuntime().availableProcessors());
    host.put("kernel", System.getProperty("os.version"));
    host.put("java", Runtime.version().toString());
    root.put("samples", samples);
    ArrayNode list = root.putArray("steps");
    for (Row row : rows) {
      ObjectNode step = list.addObject().put("arm", row.arm).put("step", row.step);
      ArrayNode by = step.putArray("by_guests");
      for (int i = 0; i < sizes.size(); i++) {
        ObjectNode at = by.addObject().put("guests", sizes.get(i));
        at.put("p50_us", micros(row.nanos.get(i), 0.5));
        at.put("p99_us", micros(row.nanos.get(i), 0.99));
      }
      ObjectNode ratio = step.putObject("ratio").put("value", row.ratio.value());
      ratio.put("low", row.ratio.low()).put("high", row.ratio.high());
      step.put("us_per_guest", row.microsPerGuest(sizes)).put("verdict", row.verdict());
    }
    return Json.api().writeValueAsString(root) + "\n";
  }

  private static double micros(long[] nanos, double share) {
    return Quantiles.at(nanos, share) / 1000.0;
  }

  private static String line(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
