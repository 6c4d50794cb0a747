package dev.outboard.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.outboard.integration.wire.Json;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** What the notifier benchmark says: a table for people and JSON for programs. */
final class NotifierReport {
  private static final int NAME_WIDTH = 26;

  private final NotifierBench.Settings settings;
  private final List<NotifierBench.Found> found;
  private final double[] cores;

  /** One figure of a load; less is better. */
  private enum Metric {
    CPU_US_PER_FRAME("CPU us/frame"),
    P50_US("p50 us"),
    P99_US("p99 us"),
    KICK_US("kick us"),
    CALLS_PER_FRAME("calls/frame"),
    CALL_SYSTEM_CALLS_PER_FRAME("syscalls for them");

    private final String title;

    Metric(String title) {
      this.title = title;
    }

    private double of(NotifierLoad.Result round) {
      return switch (this) {
        case CPU_US_PER_FRAME -> round.cpuNanos() / 1000.0 / round.frames();
        case P50_US -> round.p50Nanos() / 1000.0;
        case P99_US -> round.p99Nanos() / 1000.0;
        case KICK_US -> round.kickNanos() / 1000.0;
        case CALLS_PER_FRAME -> (double) round.calls() / round.frames();
        case CALL_SYSTEM_CALLS_PER_FRAME -> (double) round.callSystemCalls() / round.frames();
      };
    }

    double median(List<NotifierLoad.Result> rounds) {
      double[] values = rounds.stream().mapToDouble(this::of).sorted().toArray();
      return values[values.length / 2];
    }

    /** The median of pairs, each of one round, and its bounds; by Quantiles in millionths. */
    Quantiles.Ratio ratio(List<NotifierLoad.Result> of, List<NotifierLoad.Result> to) {
      long[] ratios = new long[of.size()];
      for (int i = 0; i < ratios.length; i++) {
        ratios[i] = Math.round(1e6 * of(of.get(i)) / of(to.get(i)));
      }
      return Quantiles.medians(ratios, new long[] {1_000_000});
    }

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  NotifierReport(
      NotifierBench.Settings settings, List<NotifierBench.Found> found, List<Double> cores) {
    this.settings = settings;
    this.found = found;
    this.cores = cores.stream().mapToDouble(Double::doubleValue).sorted().toArray();
  }

  String text() {
    StringBuilder out = new StringBuilder();
    out.append(
        line(
            "%n%,d idle guests, %d active, %d rounds of %.2f s; core to core and back: %s%n",
            settings.idle().getLast(),
            settings.active(),
            settings.rounds(),
            settings.seconds(),
            coreState()));
    for (NotifierLoad.Kind load : NotifierLoad.Kind.values()) {
      out.append(line("%n%s (medians of rounds)%n%-" + NAME_WIDTH + "s", load.text(), ""));
      for (Metric metric : Metric.values()) {
        out.append(line("%18s", metric.title));
      }
      out.append(line("%18s%18s%n", "all syscalls/frame", "frames/CPU s"));
      for (NotifierBench.Found arm : found) {
        List<NotifierLoad.Result> rounds = arm.loads().get(load);
        out.append(line("%-" + NAME_WIDTH + "s", arm.kind().label()));
        for (Metric metric : Metric.values()) {
          out.append(line("%18.3f", metric.median(rounds)));
        }
        OptionalDouble calls = arm.systemCalls().get(load);
        out.append(calls.isPresent() ? line("%18.4f", calls.getAsDouble()) : line("%18s", "-"));
        out.append(line("%,18.0f%n", 1e6 / Metric.CPU_US_PER_FRAME.median(rounds)));
      }
      for (NotifierBench.Found arm : found.subList(1, found.size())) {
        out.append(line("%-" + NAME_WIDTH + "s", "iouring / " + arm.kind().label()));
        for (Metric metric : List.of(Metric.CPU_US_PER_FRAME, Metric.P50_US, Metric.P99_US)) {
          out.append(line("%18s", ratio(load, arm, metric)));
        }
        out.append('\n');
      }
    }
    flat(out);
    return out.toString();
  }

  private String coreState() {
    if (cores.length == 0) {
      return "one processor only";
    }
    return line(
        "%.0f ns (%.0f to %.0f)", cores[cores.length / 2], cores[0], cores[cores.length - 1]);
  }

  private String ratio(NotifierLoad.Kind load, NotifierBench.Found arm, Metric metric) {
    Quantiles.Ratio ratio = metric.ratio(found.getFirst().loads().get(load), arm.loads().get(load));
    return line("%.2f (%.2f-%.2f)", ratio.value(), ratio.low(), ratio.high());
  }

  private void flat(StringBuilder out) {
    out.append(line("%nWhat idle guests cost: CPU us/frame; CPU while silent; own memory%n"));
    out.append(line("%-" + NAME_WIDTH + "s", "idle guests"));
    settings.idle().forEach(idle -> out.append(line("%,28d", idle)));
    out.append(line("%20s%n", "kB/guest"));
    for (NotifierBench.Found arm : found) {
      out.append(line("%-" + NAME_WIDTH + "s", arm.kind().label()));
      for (int i = 0; i < settings.idle().size(); i++) {
        out.append(
            line(
                "%10.2f us %5.2f %% %5.1f MB",
                Metric.CPU_US_PER_FRAME.median(arm.sleepy().get(i)),
                100 * arm.idleCpu().get(i),
                arm.memory().get(i) / 1e6));
      }
      out.append(line("%20.1f%n", perGuest(arm) / 1000));
    }
  }

  /** Bytes for one idle guest more. */
  private double perGuest(NotifierBench.Found arm) {
    int more = settings.idle().getLast() - settings.idle().getFirst();
    return more == 0 ? 0 : (double) (arm.memory().getLast() - arm.memory().getFirst()) / more;
  }

  String json() throws JsonProcessingException {
    ObjectNode root = Json.api().createObjectNode();
    ObjectNode host = root.putObject("host");
    host.put("cpus", Runtime.getRuntime().availableProcessors());
    host.put("kernel", System.getProperty("os.version"));
    host.put("java", Runtime.version().toString());
    ArrayNode nanos = host.putArray("core_to_core_ns");
    Arrays.stream(cores).forEach(nanos::add);
    root.put("active", settings.active());
    root.put("rounds", settings.rounds());
    root.put("seconds", settings.seconds());
    ArrayNode arms = root.putArray("arms");
    for (NotifierBench.Found arm : found) {
      ObjectNode one = arms.addObject().put("arm", arm.kind().label());
      for (NotifierLoad.Kind load : NotifierLoad.Kind.values()) {
        ObjectNode of = one.putObject(load.name().toLowerCase(Locale.ROOT));
        List<NotifierLoad.Result> rounds = arm.loads().get(load);
        of.put("frames", rounds.stream().mapToLong(NotifierLoad.Result::frames).sum());
        for (Metric metric : Metric.values()) {
          of.put(metric.label(), metric.median(rounds));
        }
        arm.systemCalls().get(load).ifPresent(calls -> of.put("system_calls_per_frame", calls));
        Quantiles.Ratio ratio =
            Metric.CPU_US_PER_FRAME.ratio(found.getFirst().loads().get(load), rounds);
        of.putObject("iouring_to_this_cpu")
            .put("median", ratio.value())
            .put("low", ratio.low())
            .put("high", ratio.high());
      }
      ArrayNode flat = one.putArray("by_idle_guests");
      for (int i = 0; i < settings.idle().size(); i++) {
        flat.addObject()
            .put("idle", settings.idle().get(i))
            .put("cpu_us_per_frame", Metric.CPU_US_PER_FRAME.median(arm.sleepy().get(i)))
            .put("p99_us", Metric.P99_US.median(arm.sleepy().get(i)))
            .put("silent_cpu", arm.idleCpu().get(i))
            .put("own_memory_bytes", arm.memory().get(i));
      }
      one.put("own_memory_bytes_per_idle_guest", perGuest(arm));
    }
    return Json.api().writeValueAsString(root) + "\n";
  }

  private static String line(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
