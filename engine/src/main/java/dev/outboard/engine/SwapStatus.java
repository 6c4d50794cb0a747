package dev.outboard.engine;

import java.util.List;

/**
 * A swap that is under way.
 *
 * @param id what it is called
 * @param spec what it is to do
 * @param state how far it has come
 * @param guests whose way changes, by id
 * @param moved those of them whose frames take the new way
 */
public record SwapStatus(
    String id, SwapSpec spec, State state, List<String> guests, List<String> moved) {
  /** How far a swap has come. */
  public enum State {
    /** The new ways are open, frames come in by both, and leave by the old. */
    PREPARED,
    /** Some guests' frames leave by the new way. */
    PARTLY,
    /** All do; the old ways are still open. */
    COMMITTED
  }

  /** Takes private copies. */
  public SwapStatus {
    guests = List.copyOf(guests);
    moved = List.copyOf(moved);
  }
}
