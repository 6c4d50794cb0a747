package dev.outboard.bench.rest;

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
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/** What the turns with calls say beside those without, as text and as JSON. */
record RestReport(List<Turn> turns, int callsPerSecond, double seconds, Cpus cpus) {
  private static final double MICRO = 1e3;

  /** One measurement. */
  record Turn(int round, boolean calls, RestLoad.Result result, CoreState state) {}

  private double micros(boolean calls, ToLongFunction<RestLoad.Result> figure) {
    return Statistics.median(
        turns.stream()
            .filter(turn -> turn.calls() == calls)
            .map(turn -> figure.applyAsLong(turn.result()) / MICRO)
            .toList());
  }

  /** How much longer it takes with calls; by turns of one round and one state of the processors. */
  Statistics.Interval ratio(ToLongFunction<RestLoad.Result> figure) {
    List<PairedComparison.Pair> pairs = new ArrayList<>();
    for (Turn with : turns) {
      for (Turn without : turns) {
        if (with.calls()
            && !without.calls()
            && with.round() == without.round()
            && with.state() == without.state()
            && with.state() != CoreState.MIXED) {
          pairs.add(
              new PairedComparison.Pair(
                  (double) figure.applyAsLong(with.result()),
                  (double) figure.applyAsLong(without.result())));
        }
      }
    }
    return PairedComparison.of(pairs).ratio();
  }

  private double answered() {
    return Statistics.median(
            turns.stream().filter(Turn::calls).map(t -> (double) t.result().calls()).toList())
        / seconds;
  }

  String text() {
    StringBuilder text =
        new StringBuilder(
            line("%-14s %9s %9s %9s %9s%n", "MICROSECONDS", "p50", "p99", "p99.9", "most"));
    for (boolean calls : new boolean[] {true, false}) {
      text.append(
          line(
              "%-14s %9.1f %9.1f %9.1f %9.1f%n",
              calls ? callsPerSecond + " calls/s" : "none",
              micros(calls, RestLoad.Result::p50),
              micros(calls, RestLoad.Result::p99),
              micros(calls, RestLoad.Result::p999),
              micros(calls, RestLoad.Result::most)));
    }
    Statistics.Interval ratio = ratio(RestLoad.Result::p999);
    text.append(
        line(
            "p99.9 with calls is %.2f times that without [%.2f, %.2f], %d pairs. Answered: %.1f"
                + " calls a second.%n",
            ratio.median(), ratio.low(), ratio.high(), ratio.count(), answered()));
    text.append(
        line(
            "50,000 frames a second; medians of turns. Guests on processor %d, the worker on %d,"
                + " other threads anywhere. Turns by state of the processors: %s.%n",
            cpus.first(), cpus.second(), states()));
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
    root.put("calls_per_second", callsPerSecond);
    root.put("answered_per_second", answered());
    for (boolean calls : new boolean[] {true, false}) {
      root.putObject(calls ? "with_calls_us" : "without_calls_us")
          .put("p50", micros(calls, RestLoad.Result::p50))
          .put("p99", micros(calls, RestLoad.Result::p99))
          .put("p99_9", micros(calls, RestLoad.Result::p999))
          .put("most", micros(calls, RestLoad.Result::most));
    }
    Statistics.Interval ratio = ratio(RestLoad.Result::p999);
    root.putObject("p99_9_ratio")
        .put("median", ratio.median())
        .put("low95", ratio.low())
        .put("high95", ratio.high())
        .put("rounds", ratio.count());
    ObjectNode host = root.putObject("host");
    host.put("guests_cpu", cpus.first());
    host.put("worker_cpu", cpus.second());
    host.put("kernel", System.getProperty("os.version"));
    host.put("java", Runtime.version().toString());
    host.put("states", states());
    return root;
  }

  private static String line(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
