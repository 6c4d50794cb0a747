package dev.outboard.bench.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.bench.Main;
import dev.outboard.integration.wire.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The simulation, short: what is asked of the pool holds on some traces, and under overload. */
class PoolCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir private Path directory;

  private int run(String... arguments) {
    return new CommandLine(new Main())
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(arguments);
  }

  @Test
  void thePoolMissesOneInAHundredAtMostAndKeepsLittleMoreThanTheOracle() throws Exception {
    Path json = directory.resolve("out.json");
    assertEquals(0, run("pool", "--trace=periodic,slow-drift", "--json=" + json), err::toString);
    JsonNode root = Json.api().readTree(Files.readString(json));
    assertEquals(2, root.path("traces").size());
    for (JsonNode trace : root.path("traces")) {
      assertTrue(trace.path("hit_rate").asDouble() >= 0.99, trace::toPrettyString);
      assertTrue(trace.path("idle_vs_oracle").asDouble() >= 1, trace::toPrettyString);
      assertTrue(trace.path("idle_vs_oracle").asDouble() <= 1.3, trace::toPrettyString);
      assertEquals(0, trace.at("/policies/0/hit_rate").asDouble(), "no pool, no hits");
    }
    for (JsonNode load : root.path("overload")) {
      assertTrue(load.path("ratio").asDouble() <= 1.2, load::toPrettyString);
      assertTrue(load.path("bulk_served").asDouble() > 0.05, load::toPrettyString);
    }
    assertTrue(out.toString().contains("slow-drift"), out::toString);
  }

  @Test
  void anUnknownTraceIsAMistakeThatNamesTheKnownOnes() {
    CommandLine line = new CommandLine(new Main()).setErr(new PrintWriter(err));
    assertEquals(2, line.execute("pool", "--trace=nonsense"));
    assertTrue(err.toString().contains("no trace 'nonsense'; there are azure-busy"), err::toString);
  }

  @Test
  void everyRunGivesTheSame() {
    Trace trace = Traces.regimes();
    assertEquals(
        Outcome.of(Policy.ours(), trace, new Oracle(trace)),
        Outcome.of(Policy.ours(), trace, new Oracle(trace)));
  }
}
