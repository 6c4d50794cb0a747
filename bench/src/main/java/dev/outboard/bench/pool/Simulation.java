package dev.outboard.bench.pool;

import dev.outboard.transport.kerneltcp.pool.ConnectionPool;
import dev.outboard.transport.kerneltcp.pool.Lease;
import dev.outboard.transport.kerneltcp.pool.PoolSettings;
import dev.outboard.transport.kerneltcp.pool.PoolStats;
import dev.outboard.transport.kerneltcp.pool.PressureSource;
import dev.outboard.transport.kerneltcp.pool.ServiceClass;
import dev.outboard.transport.kerneltcp.pool.Sizing;
import java.util.function.IntFunction;

/**
 * A pool and its peer in simulated time, with requests that hold what they get for as long as their
 * trace says. The pool is the one that the sidecar has, to the line.
 */
final class Simulation {
  private static final long SEED = 20_240;

  private final VirtualLoop loop = new VirtualLoop();
  private final ConnectionPool<SimulatedPeer.Connection> pool;

  Simulation(PoolSettings settings, Sizing sizing) {
    SimulatedPeer peer = new SimulatedPeer(loop, SEED);
    pool = new ConnectionPool<>(settings, peer, loop, sizing, PressureSource.NONE);
  }

  /** All requests of a trace, of one class each. */
  void play(Trace trace, IntFunction<ServiceClass> classes) {
    next(trace, classes, 0);
  }

  private void next(Trace trace, IntFunction<ServiceClass> classes, int index) {
    if (index < trace.size()) {
      loop.executeAt(
          trace.arrival(index),
          () -> {
            next(trace, classes, index + 1);
            long nanos = trace.duration(index);
            var _ = pool.acquire(classes.apply(index)).thenAccept(lease -> hold(lease, nanos));
          });
    }
  }

  private void hold(Lease<?> lease, long nanos) {
    loop.executeAt(loop.nanoTime() + nanos, lease::release);
  }

  /** Lets time pass up to then, and says what happened. */
  PoolStats runUntil(long nanos) {
    loop.runUntil(nanos);
    var stats = pool.stats();
    loop.runUntil(nanos);
    return stats.join();
  }
}
