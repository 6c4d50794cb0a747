package dev.outboard.bench.pool;

import dev.outboard.transport.kerneltcp.pool.PoolStats;
import dev.outboard.transport.kerneltcp.pool.ServiceClass;

/**
 * What a policy made of a trace.
 *
 * @param setUps connections that were opened for each request
 * @param idleSeconds connection-seconds
 * @param oracleSeconds the least with as many set-ups, or with as many as the hit rate that is
 *     asked leaves misses, if these are more
 * @param p99WaitMillis of all requests
 */
record Outcome(
    String policy,
    double hitRate,
    double setUps,
    double idleSeconds,
    double oracleSeconds,
    double p99WaitMillis) {

  static Outcome of(Policy policy, Trace trace, Oracle oracle) {
    PoolStats stats = policy.run(trace);
    long allowed = (long) ((1 - Policy.ASKED) * trace.size());
    return new Outcome(
        policy.name(),
        stats.hitRate(),
        (double) stats.opened() / trace.size(),
        stats.idleSeconds(),
        oracle.idleSeconds(Math.max(stats.opened(), allowed)),
        stats.waits().get(ServiceClass.STANDARD).getValueAtPercentile(99) / 1e6);
  }

  double idleVsOracle() {
    return idleSeconds / oracleSeconds;
  }
}
