package dev.outboard.transport.kerneltcp.pool;

/**
 * How much room a class must leave for more urgent ones. Private to the pool, used on its loop.
 *
 * <p>Theory of operation. A connection that is lent comes back only when its owner is done, so an
 * urgent request that finds none waits for others' business. Teletraffic engineers keep trunks free
 * instead ("trunk reservation"), and square-root staffing says how many: requests for {@code a}
 * connections on average fluctuate by some square roots of {@code a}. The average forgets with a
 * time constant of some seconds.
 */
final class Reserve {
  private static final double MEMORY_NANOS = 10e9;

  private final double roots;
  private final int[] using = new int[Waiters.CLASSES.size()];
  private final double[] average = new double[Waiters.CLASSES.size()];
  private long last;

  Reserve(double roots, long now) {
    this.roots = roots;
    last = now;
  }

  /** A request of this class came (1), or is over (-1). */
  void changed(ServiceClass serviceClass, int by, long now) {
    forget(now);
    using[Waiters.CLASSES.indexOf(serviceClass)] += by;
  }

  private void forget(long now) {
    if (now > last) {
      double weight = -Math.expm1((last - now) / MEMORY_NANOS);
      for (int i = 0; i < using.length; i++) {
        average[i] += (using[i] - average[i]) * weight;
      }
      last = now;
    }
  }

  /** The connections that this class must leave, out of a pool that may have so many. */
  int against(ServiceClass serviceClass, int limit, long now) {
    forget(now);
    double load = 0;
    int rank = Waiters.CLASSES.indexOf(serviceClass);
    for (int i = 0; i < rank; i++) {
      load += average[i];
    }
    // With one or two connections all would be kept, and the others would starve.
    return (int) Math.min(limit / 2, Math.round(roots * Math.sqrt(load)));
  }
}
