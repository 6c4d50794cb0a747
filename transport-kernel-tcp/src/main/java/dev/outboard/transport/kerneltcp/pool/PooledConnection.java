package dev.outboard.transport.kerneltcp.pool;

import java.util.concurrent.CompletionStage;

/**
 * What a pool holds: a trunk to a peer, implemented by the transport. Never a connection that
 * carried the bytes of a tenant's service: a pool gives what comes back to the next who asks.
 *
 * <p>The pool calls these on its loop; none may block or throw. Stages may be completed on any
 * thread, and with an error: that counts as a no, or as done.
 */
public interface PooledConnection {
  /**
   * Asks the peer whether it still answers. Can be called while the connection is lent, for a trunk
   * answers between frames. At most one check is under way.
   */
  CompletionStage<Boolean> check();

  /**
   * Tells the peer that nothing more will be sent and waits for its last frames. Called once, when
   * nobody has the connection; {@link #close} follows when the stage is complete or patience ends.
   */
  CompletionStage<?> drain();

  /** Frees everything, at once. Called exactly once by the pool, in every case. */
  void close();

  /** Complete when the connection has ended by itself or by the peer. The same stage every time. */
  CompletionStage<?> ended();
}
