package dev.outboard.transport.kerneltcp.pool;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;

/**
 * A connection that is lent to one owner, until the owner gives it back: exactly once, by {@link
 * #release} or {@link #discard}. Any thread.
 */
public final class Lease<C extends PooledConnection> {
  private final C connection;
  private final BiConsumer<Lease<C>, Boolean> giveBack;
  private final AtomicBoolean over = new AtomicBoolean();

  Lease(C connection, BiConsumer<Lease<C>, Boolean> giveBack) {
    this.connection = connection;
    this.giveBack = giveBack;
  }

  /**
   * The connection.
   *
   * @throws IllegalStateException if it was given back: somebody else may have it
   */
  public C connection() {
    if (over.get()) {
      throw new IllegalStateException("the connection was given back");
    }
    return connection;
  }

  /** Gives it back, to be lent again; nothing of the owner's is under way on it any more. */
  public void release() {
    end(true);
  }

  /** Gives it back, to be drained and closed: it must not be lent again. */
  public void discard() {
    end(false);
  }

  private void end(boolean reusable) {
    if (!over.compareAndSet(false, true)) {
      throw new IllegalStateException("the connection was given back before");
    }
    giveBack.accept(this, reusable);
  }
}
