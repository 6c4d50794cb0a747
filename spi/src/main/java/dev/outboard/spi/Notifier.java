package dev.outboard.spi;

import java.util.Optional;

/**
 * How one worker waits: a set of file descriptors that it learns from and one place where it
 * sleeps. All calls but {@link #wake} are the worker's own. Readiness is told once per edge; the fd
 * itself is never read.
 */
public interface Notifier extends AutoCloseable {
  /** Its {@link NotifierProvider}'s name. */
  String name();

  /**
   * Starts to watch an fd for becoming readable. If it is readable now, that counts as an edge.
   *
   * @param token what {@link #token} gives back, zero or greater
   * @return whether it could be done; false, also for an fd that is watched already, leaves nothing
   *     behind
   */
  boolean watch(int fd, int token);

  /** Ends watching. Its token is not reported any more once this returns. */
  void unwatch(int fd);

  /** Looks for what has become ready, without blocking; returns how many tokens there are. */
  int poll();

  /**
   * Blocks until something is ready, {@link #wake} is called, or the time is over. A wake that
   * comes before the call ends it at once. May also return early for no reason.
   *
   * @param nanos how long at most, or a negative number for ever
   * @return how many tokens there are; 0 after a wake or the time's end
   */
  int await(long nanos);

  /**
   * How long a worker that is busy goes on before it calls {@link #poll} again: a call that costs
   * much is made rarely. 0: whenever it comes round.
   */
  default long busyPollNanos() {
    return 5_000;
  }

  /** One of the tokens that the last {@link #poll} or {@link #await} found. */
  int token(int i);

  /** Ends the current or next {@link #await}. Any thread. */
  void wake();

  /** How it rings many doorbells with one system call; empty: each is to be written to. */
  default Optional<Doorbells> doorbells() {
    return Optional.empty();
  }

  @Override
  void close();
}
