package dev.outboard.transport.kerneltcp.pool;

import java.util.concurrent.CompletionStage;

/**
 * Makes connections to one peer: connects, and shakes hands where there is TLS. Called on the
 * pool's loop.
 */
@FunctionalInterface
public interface Connector<C extends PooledConnection> {
  /**
   * Begins to open a connection and returns at once; must not block or throw. The stage may be
   * completed on any thread. What it completes with belongs to the pool, also when the pool has
   * given up waiting or is closed: then it closes the connection.
   */
  CompletionStage<C> open();
}
