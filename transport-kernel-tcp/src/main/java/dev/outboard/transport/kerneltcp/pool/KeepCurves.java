package dev.outboard.transport.kerneltcp.pool;

/**
 * What it costs to keep connections of each kind idle for so long, and the cheapest way to miss no
 * more than a given share of requests. Private to the sizing.
 *
 * <p>Theory of operation. Whichever limits are chosen for the kinds of gaps, the idle time and the
 * misses of all kinds add up. The least idle time for a number of misses is found with a price: for
 * each kind, the limit that makes idle time plus price times misses least; the higher the price,
 * the fewer misses. The price is the same for all kinds, or idle time could be saved by a miss here
 * for a miss there (a Lagrange multiplier).
 */
final class KeepCurves {
  private static final double LOWEST_PRICE = 1e6;
  private static final double HIGHEST_PRICE = 1e14;
  private static final int STEPS = 24;

  /** So many gaps of any kind are counted for each, until it has enough of its own. */
  private static final double PRIOR = 5;

  private final double[][] idle;
  private final double[][] gone;
  private double total;

  KeepCurves(int kinds) {
    idle = new double[kinds][GapHistogram.LIMITS];
    gone = new double[kinds][GapHistogram.LIMITS];
  }

  void load(GapHistogram[] gaps) {
    GapHistogram all = new GapHistogram();
    for (GapHistogram each : gaps) {
      double count = each.total();
      if (count > 0) {
        all.blend(each, count);
      }
    }
    total = 0;
    for (int kind = 0; kind < gaps.length; kind++) {
      GapHistogram blended = new GapHistogram();
      blended.blend(all, PRIOR);
      double count = gaps[kind].total();
      if (count > 0) {
        blended.blend(gaps[kind], count);
      }
      blended.curves(idle[kind], gone[kind]);
      total += blended.total();
    }
  }

  /** Writes the limit for each kind, in nanoseconds, with which at most this share is missed. */
  void limits(double missed, long[] limits) {
    double low = Math.log(LOWEST_PRICE);
    double high = Math.log(HIGHEST_PRICE);
    for (int step = 0; step < STEPS; step++) {
      double middle = (low + high) / 2;
      if (choose(Math.exp(middle), limits) > missed * total) {
        low = middle;
      } else {
        high = middle;
      }
    }
    choose(Math.exp(high), limits);
  }

  private double choose(double price, long[] limits) {
    double misses = 0;
    for (int kind = 0; kind < idle.length; kind++) {
      int best = 0;
      double least = Double.MAX_VALUE;
      for (int limit = 0; limit < GapHistogram.LIMITS; limit++) {
        double cost = idle[kind][limit] + price * gone[kind][limit];
        if (cost < least) {
          least = cost;
          best = limit;
        }
      }
      misses += gone[kind][best];
      limits[kind] = (long) GapHistogram.limitNanos(best);
    }
    return misses;
  }
}
