package dev.outboard.transport.kerneltcp.pool;

/**
 * Says how many idle connections are worth having. It hears of the demand, that is how many
 * requests have or want a connection at a time, up to the pool's most. All is called on the pool's
 * loop, with its clock; an object serves one pool.
 */
public interface Sizing {
  /**
   * One more wants a connection than before.
   *
   * @param hit whether an idle one was there
   */
  void rose(long now, boolean hit);

  /** One fewer has or wants a connection than before. */
  void fell(long now);

  /**
   * How many idle connections there should be now. The pool drains what is too many and opens what
   * is missing.
   */
  int idleWanted(long now);

  /** When {@link #idleWanted} will be another without any call; {@code Long.MAX_VALUE}: never. */
  long nextChange(long now);

  /** As another says, but so many at least. */
  static Sizing atLeast(int least, Sizing other) {
    return new Sizing() {
      @Override
      public void rose(long now, boolean hit) {
        other.rose(now, hit);
      }

      @Override
      public void fell(long now) {
        other.fell(now);
      }

      @Override
      public int idleWanted(long now) {
        return Math.max(least, other.idleWanted(now));
      }

      @Override
      public long nextChange(long now) {
        return other.nextChange(now);
      }
    };
  }

  /**
   * A pool of a size that never changes: what is lent and idle comes to this many, or more lent.
   */
  static Sizing fixed(int size) {
    return new Sizing() {
      private int demand;

      @Override
      public void rose(long now, boolean hit) {
        demand++;
      }

      @Override
      public void fell(long now) {
        demand--;
      }

      @Override
      public int idleWanted(long now) {
        return Math.max(0, size - demand);
      }

      @Override
      public long nextChange(long now) {
        return Long.MAX_VALUE;
      }
    };
  }
}
