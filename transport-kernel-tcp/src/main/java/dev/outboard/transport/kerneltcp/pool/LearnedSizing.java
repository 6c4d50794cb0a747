package dev.outboard.transport.kerneltcp.pool;

/**
 * Keeps a connection idle for as long as past gaps say that it is worth it, for a hit rate that is
 * asked. An object serves one pool, on its loop.
 *
 * <p>Theory of operation. Connections are lent last in, first out, so the n-th of them is needed
 * when demand reaches n. When demand falls below n, a gap of level n begins; when it is back, the
 * gap ends, and was a hit if the connection was kept that long. {@link GapStack} has the gaps that
 * are under way, those of closed connections too, so each gap is seen in full whatever was decided;
 * as the stack of Mattson et al. (1970) has the reuse distances of all cache sizes.
 *
 * <p>The lengths are kept in histograms, as in the keep-alive policy of Shahrad et al. ("Serverless
 * in the Wild", ATC 2020), but of the pool's levels and not of functions. There is one for each
 * kind of gap: how far its level is from the demand of the last minutes, in square roots of it (the
 * fluctuation of a Poisson load), since rare heights are left for longer. {@link KeepCurves} finds
 * limits for all kinds that cost least.
 *
 * <p>Traffic is not what it was, so the share of misses that is aimed at is corrected by the misses
 * there were: adaptive conformal inference (Gibbs and Candès, NeurIPS 2021), which in the long run
 * comes to the share that is asked whatever the traffic does. Too many misses are worked off over
 * 20,000 requests.
 */
public final class LearnedSizing implements Sizing {
  private static final double MEMORY_NANOS = 300e9;
  private static final double[] DISTANCES = {-2, -1, 0, .5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 5};
  private static final int KINDS = DISTANCES.length + 1;
  private static final long FIRST_LIMIT_NANOS = 30_000_000_000L;
  private static final int FIRST_FIT = 64;
  private static final int FIT_EVERY = 256;
  private static final double HALF_LIFE = 100_000;
  private static final double WORKED_OFF = 20_000;

  /** Of the misses that are allowed this share is aimed at. */
  private static final double MARGIN = 0.95;

  private final double aim;
  private final GapHistogram[] gaps = new GapHistogram[KINDS];
  private final KeepCurves curves = new KeepCurves(KINDS);
  private final long[] limits = new long[KINDS];
  private final GapStack stack;
  private double aimNow;
  private double usual;
  private int demand;
  private long last;
  private long seen;
  private long nextFit = FIRST_FIT;

  /**
   * Makes one that knows nothing yet.
   *
   * @param hitRate the share of requests that are to find an idle connection, as 0.99
   * @param max as the pool's {@link PoolSettings#max}
   */
  public LearnedSizing(double hitRate, int max) {
    if (!(hitRate > 0 && hitRate < 1)) {
      throw new IllegalArgumentException("the hit rate must be between 0 and 1, but is " + hitRate);
    }
    aim = MARGIN * (1 - hitRate);
    aimNow = aim;
    stack = new GapStack(KINDS, max);
    for (int i = 0; i < KINDS; i++) {
      gaps[i] = new GapHistogram();
      limits[i] = FIRST_LIMIT_NANOS;
    }
  }

  @Override
  public void rose(long now, boolean hit) {
    remember(now);
    demand++;
    if (!stack.isEmpty()) {
      int kind = stack.kind();
      gaps[kind].add((double) (now - stack.pop()));
    }
    aimNow += (aim - (hit ? 0 : 1)) / WORKED_OFF;
    if (++seen >= nextFit) {
      nextFit = Math.min(2 * nextFit, seen + FIT_EVERY);
      fit();
    }
  }

  private void fit() {
    curves.load(gaps);
    curves.limits(aimNow, limits);
    double kept = Math.pow(0.5, FIT_EVERY / HALF_LIFE);
    for (GapHistogram each : gaps) {
      each.scale(kept);
    }
  }

  @Override
  public void fell(long now) {
    remember(now);
    stack.push(kind(), now);
    demand--;
  }

  /** Of the gap that begins when demand falls now. */
  private int kind() {
    double distance = (demand - usual) / Math.sqrt(usual + 1);
    int kind = 0;
    while (kind < DISTANCES.length && distance > DISTANCES[kind]) {
      kind++;
    }
    return kind;
  }

  private void remember(long now) {
    usual += (demand - usual) * -Math.expm1((last - now) / MEMORY_NANOS);
    last = now;
  }

  @Override
  public int idleWanted(long now) {
    int wanted = 0;
    for (int kind = 0; kind < KINDS; kind++) {
      wanted += stack.after(kind, now - limits[kind]);
    }
    return wanted;
  }

  @Override
  public long nextChange(long now) {
    long next = Long.MAX_VALUE;
    for (int kind = 0; kind < KINDS; kind++) {
      long oldest = stack.oldestAfter(kind, now - limits[kind]);
      if (oldest != Long.MAX_VALUE) {
        next = Math.min(next, oldest + limits[kind]);
      }
    }
    return next;
  }
}
