package dev.outboard.engine;

/**
 * Which layout of virtqueues a guest is offered. Its driver chooses: one that is not asked by its
 * VMM to take the packed one stays with the split one.
 */
public enum RingLayout {
  /** Packed where the front-end is known to do well with it, and else split. */
  AUTO,
  /** Split, whatever its VMM could do. */
  SPLIT,
  /** Packed, whatever kind of VMM it has. */
  PACKED
}
