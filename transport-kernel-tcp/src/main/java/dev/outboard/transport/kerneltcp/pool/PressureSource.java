package dev.outboard.transport.kerneltcp.pool;

/** How short the host is of what connections take. */
@FunctionalInterface
public interface PressureSource {
  /** Nothing is ever short. */
  PressureSource NONE = () -> 0;

  /**
   * From 0, enough of everything, to 1, as little as possible must be held. Called on a pool's
   * loop, by several pools on several threads; must not block.
   */
  double level();
}
