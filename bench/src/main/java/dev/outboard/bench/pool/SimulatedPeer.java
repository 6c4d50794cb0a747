package dev.outboard.bench.pool;

import dev.outboard.transport.kerneltcp.pool.Connector;
import dev.outboard.transport.kerneltcp.pool.PoolLoop;
import dev.outboard.transport.kerneltcp.pool.PooledConnection;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A peer at the other end of a simulated network: connections take their time, and never fail.
 * Set-up is log-normal: three round trips and the handshake's arithmetic, 4 ms in the median, 10 ms
 * in one of a hundred.
 */
final class SimulatedPeer implements Connector<SimulatedPeer.Connection> {
  private static final double MEDIAN_NANOS = 4e6;
  private static final double SIGMA = 0.4;
  private static final long DRAIN_NANOS = 500_000;

  private final PoolLoop loop;
  private final SplittableRandom random;

  SimulatedPeer(PoolLoop loop, long seed) {
    this.loop = loop;
    random = new SplittableRandom(seed);
  }

  @Override
  public CompletionStage<Connection> open() {
    CompletableFuture<Connection> made = new CompletableFuture<>();
    long takes = (long) (MEDIAN_NANOS * Math.exp(SIGMA * random.nextGaussian()));
    loop.executeAt(loop.nanoTime() + takes, () -> made.complete(new Connection()));
    return made;
  }

  /** One that never ends by itself. */
  final class Connection implements PooledConnection {
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    @Override
    public CompletionStage<Boolean> check() {
      return CompletableFuture.completedFuture(true);
    }

    @Override
    public CompletionStage<?> drain() {
      CompletableFuture<Void> drained = new CompletableFuture<>();
      loop.executeAt(loop.nanoTime() + DRAIN_NANOS, () -> drained.complete(null));
      return drained;
    }

    @Override
    public void close() {}

    @Override
    public CompletionStage<?> ended() {
      return ended;
    }
  }
}
