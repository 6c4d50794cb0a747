package dev.outboard.transport.kerneltcp.pool;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** A pool on a {@link ManualLoop}, its peer, and what its host is short of. */
final class Bed {
  static final Duration TTL = Duration.ofSeconds(60);
  static final Duration CHECK = Duration.ofSeconds(20);
  static final Duration PATIENCE = Duration.ofSeconds(2);
  static final double RESERVE = 2;

  final ManualLoop loop = new ManualLoop();
  final ScriptedPeer peer = new ScriptedPeer();
  final ConnectionPool<ScriptedPeer.Trunk> pool;
  double pressure;

  /** A pool that keeps so many connections. */
  Bed(int min, int max, int kept) {
    this(min, max, Sizing.fixed(kept));
  }

  Bed(int min, int max, Sizing sizing) {
    PoolSettings settings = new PoolSettings("b:7000", min, max, 8, TTL, CHECK, PATIENCE, RESERVE);
    pool = new ConnectionPool<>(settings, peer, loop, sizing, () -> pressure);
    loop.run();
  }

  CompletableFuture<Lease<ScriptedPeer.Trunk>> ask(ServiceClass serviceClass) {
    CompletableFuture<Lease<ScriptedPeer.Trunk>> answer = pool.acquire(serviceClass);
    loop.run();
    return answer;
  }

  /** A connection, which must be there or openable at once. */
  Lease<ScriptedPeer.Trunk> take() {
    CompletableFuture<Lease<ScriptedPeer.Trunk>> answer = ask(ServiceClass.STANDARD);
    assertTrue(answer.isDone());
    return answer.join();
  }

  void release(Lease<ScriptedPeer.Trunk> lease) {
    lease.release();
    loop.run();
  }

  /** Lets time pass with a peer that answers all checks. */
  void passHealthy(int seconds) {
    for (int second = 0; second < seconds; second++) {
      loop.pass(1);
      peer.trunks.forEach(trunk -> trunk.checks.forEach(check -> check.complete(true)));
      loop.run();
    }
  }

  PoolStats stats() {
    CompletableFuture<PoolStats> stats = pool.stats();
    loop.run();
    return stats.join();
  }
}
