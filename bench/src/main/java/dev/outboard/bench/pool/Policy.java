package dev.outboard.bench.pool;

import dev.outboard.transport.kerneltcp.pool.LearnedSizing;
import dev.outboard.transport.kerneltcp.pool.PoolSettings;
import dev.outboard.transport.kerneltcp.pool.PoolStats;
import dev.outboard.transport.kerneltcp.pool.ServiceClass;
import dev.outboard.transport.kerneltcp.pool.Sizing;
import java.util.List;
import java.util.function.Supplier;

/**
 * A way to say how many idle connections there are to be.
 *
 * @param sizing makes one for a run
 */
record Policy(String name, Supplier<Sizing> sizing) {
  static final int MAX = 4096;
  static final double ASKED = 0.99;

  /** The name of what the sidecar has. */
  static final String OURS = "outboard";

  /** All that are compared, ours last. */
  static List<Policy> all() {
    return List.of(
        new Policy("none", () -> Sizing.fixed(0)),
        new Policy("fixed-8", () -> Sizing.fixed(8)),
        new Policy("fixed-32", () -> Sizing.fixed(32)),
        new Policy("fixed-128", () -> Sizing.fixed(128)),
        new Policy("ttl-60s", () -> new FixedTtl(60, MAX)),
        new Policy("holt", HoltSizing::new),
        new Policy("square-root", SquareRootSizing::new),
        ours());
  }

  static Policy ours() {
    return new Policy(OURS, () -> new LearnedSizing(ASKED, MAX));
  }

  /** Serves a trace. */
  PoolStats run(Trace trace) {
    Simulation simulation = new Simulation(PoolSettings.of("peer", 0, MAX), sizing.get());
    simulation.play(trace, _ -> ServiceClass.STANDARD);
    return simulation.runUntil(trace.length());
  }
}
