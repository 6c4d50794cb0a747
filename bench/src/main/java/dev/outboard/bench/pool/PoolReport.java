package dev.outboard.bench.pool;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.outboard.integration.wire.Json;
import java.util.List;
import java.util.Locale;

/** What the policies made of the traces, as text and as JSON. */
record PoolReport(List<Result> results, List<Overload> overloads) {
  /** All policies on one trace, ours last. */
  record Result(Trace trace, List<Outcome> outcomes) {
    Outcome ours() {
      return outcomes.getLast();
    }
  }

  String text() {
    StringBuilder text = new StringBuilder();
    for (Result result : results) {
      Trace trace = result.trace();
      text.append(line("%s: %s; %,d requests%n", trace.name(), trace.about(), trace.size()));
      text.append(
          line(
              "  %-12s %9s %11s %10s %10s %12s%n",
              "POLICY", "hits", "set-ups", "idle", "x oracle", "p99 wait"));
      for (Outcome each : result.outcomes()) {
        text.append(
            line(
                "  %-12s %7.2f %% %9.2f %% %10.2f %10s %9.1f ms%n",
                each.policy(),
                100 * each.hitRate(),
                100 * each.setUps(),
                each.idleSeconds() / trace.seconds(),
                ratio(each.idleVsOracle()),
                each.p99WaitMillis()));
      }
    }
    text.append(
        line(
            "idle: connections on average. x oracle: to the least with as many set-ups, or 1 %% of"
                + " the requests if that is more.%n"));
    for (Overload each : overloads) {
      text.append(
          line(
              "Two classes at twice the pool, the urgent one %.0f %% of it: p99 wait %.1f ms, alone"
                  + " %.1f ms, %.2f times; the other used %.0f %% of what was left.%n",
              100 * each.share(),
              each.beside() / 1e6,
              each.alone() / 1e6,
              each.ratio(),
              100 * each.bulkServed()));
    }
    return text.toString();
  }

  private static String ratio(double value) {
    return value < 100 ? line("%.2f", value) : "> 100";
  }

  /** As a tree, for a file. */
  ObjectNode json() {
    ObjectNode root = Json.api().createObjectNode();
    ArrayNode traces = root.putArray("traces");
    for (Result result : results) {
      ObjectNode node = traces.addObject();
      node.put("trace", result.trace().name());
      put(node, result.ours());
      node.put("about", result.trace().about());
      node.put("requests", result.trace().size());
      node.put("seconds", result.trace().seconds());
      ArrayNode policies = node.putArray("policies");
      for (Outcome each : result.outcomes()) {
        put(policies.addObject().put("policy", each.policy()), each);
      }
    }
    ArrayNode loads = root.putArray("overload");
    for (Overload each : overloads) {
      loads
          .addObject()
          .put("urgent_share", each.share())
          .put("p99_wait_alone_ms", each.alone() / 1e6)
          .put("p99_wait_ms", each.beside() / 1e6)
          .put("ratio", each.ratio())
          .put("bulk_served", each.bulkServed());
    }
    return root;
  }

  private static void put(ObjectNode node, Outcome outcome) {
    node.put("hit_rate", outcome.hitRate());
    node.put("idle_vs_oracle", finite(outcome.idleVsOracle()));
    node.put("set_ups", outcome.setUps());
    node.put("idle_connection_seconds", outcome.idleSeconds());
    node.put("oracle_idle_connection_seconds", finite(outcome.oracleSeconds()));
    node.put("p99_wait_ms", outcome.p99WaitMillis());
  }

  /** JSON has no infinity: null. */
  private static Double finite(double value) {
    return Double.isFinite(value) ? value : null;
  }

  private static String line(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
