package dev.outboard.transport.kerneltcp.pool;

/**
 * One connection of a pool and what state it is in. Private to the pool, used on its loop.
 *
 * <pre>
 *   OPENING --> LENT &lt;--> IDLE --> DRAINING --> CLOSED
 *      |         |         |                      ^
 *      +---------+---------+----------------------+   failed, ended
 * </pre>
 */
final class Slot<C extends PooledConnection> {
  enum State {
    OPENING,
    IDLE,
    LENT,
    DRAINING,
    CLOSED
  }

  State state = State.OPENING;

  /** Null while it is being opened. */
  C connection;

  /** Who had it last. */
  ServiceClass owner;

  /** When the state began. */
  long since;

  /** When the peer last showed that it lives. */
  long seen;

  /** It has ended or failed a check: not to be lent again. */
  boolean broken;

  Slot(long now) {
    since = now;
    seen = now;
  }
}
