package dev.outboard.transport.kerneltcp.pool;

/**
 * Keeps a connection idle for as long as past gaps say that it is worth it, for a hit rate that is
 * asked. An object serves one pool, on its loop.
 *
 * <p>Theory of operation. Connections are lent last in, first out, so the n-th of them is needed
 * when demand reaches n. When demand falls below n, a gap of level n begins; when it is back, the
 * gap ends, and nothing had to be set up if the connection was kept that long. {@link GapStack} has
 * the gaps that are under way, those of closed connections too, so each gap is seen in full
 * whatever was decided; as the stack of Mattson et al. (1970) has the reuse distances of all cache
 * sizes.
 *
 * <p>The lengths are kept in histograms, as in the keep-alive policy of Shahrad et al. ("Serverless
 * in the Wild", ATC 2020), but of the pool's levels and not of functions. There is one for each
 * kind of gap: how {@link Distance far} its level is from the demand of the last minutes and of the
 * last seconds, for rare heights are left for longer. {@link KeepCurves} finds the limits for all
 * kinds that together cost least.
 *
 * <p>Traffic is not what it was, so the share that is aimed at is corrected by the shortfall there
 * was, as in adaptive conformal inference (Gibbs and Candès, NeurIPS 2021): it is to be made good
 * over 20,000 requests. Never below half the share: one flash crowd is not paid for with
 * connections that are kept for hours.
 */
public final class LearnedSizing implements Sizing {
  private static final long FIRST_LIMIT_NANOS = 30_000_000_000L;
  private static final int FIRST_FIT = 64;
  private static final int FIT_EVERY = 256;
  private static final double HALF_LIFE = 100_000;
  private static final double WORKED_OFF = 20_000;
  private static final double LEAST = 0.5;

  /** Of the set-ups that are allowed this share is aimed at. */
  private static final double MARGIN = 0.98;

  private final Distance minutes = new Distance(300e9, -4, 8);
  private final Distance seconds = new Distance(10e9, -1, 4);
  private final int kinds = minutes.steps() * seconds.steps();
  private final GapHistogram[] gaps = new GapHistogram[kinds];
  private final KeepCurves curves = new KeepCurves(kinds);
  private final long[] limits = new long[kinds];
  private final double aim;
  private final GapStack stack;
  private double corrected;
  private int demand;
  private long last;
  private long seen;
  private long nextFit = FIRST_FIT;

  /**
   * Makes one that knows nothing yet.
   *
   * @param hitRate the share of requests that are to find an idle connection, as 0.99; for the rest
   *     one may be set up
   * @param max as the pool's {@link PoolSettings#max}
   */
  public LearnedSizing(double hitRate, int max) {
    if (!(hitRate > 0 && hitRate < 1)) {
      throw new IllegalArgumentException("the hit rate must be between 0 and 1, but is " + hitRate);
    }
    aim = MARGIN * (1 - hitRate);
    corrected = aim;
    stack = new GapStack(kinds, max);
    for (int i = 0; i < kinds; i++) {
      gaps[i] = new GapHistogram();
      limits[i] = FIRST_LIMIT_NANOS;
    }
  }

  @Override
  public void rose(long now, boolean hit) {
    remember(now);
    demand++;
    boolean kept = !stack.isEmpty() && endGap(now);
    corrected += (aim - (hit && kept ? 0 : 1)) / WORKED_OFF;
    if (++seen >= nextFit) {
      nextFit = Math.min(2 * nextFit, seen + FIT_EVERY);
      fit();
    }
  }

  /** Returns whether its connection was to be kept until now. */
  private boolean endGap(long now) {
    int kind = stack.kind();
    long length = now - stack.pop();
    gaps[kind].add((double) length);
    return length < limits[kind];
  }

  private void fit() {
    curves.load(gaps);
    curves.limits(Math.max(corrected, LEAST * aim), limits);
    double kept = Math.pow(0.5, FIT_EVERY / HALF_LIFE);
    for (GapHistogram each : gaps) {
      each.scale(kept);
    }
  }

  @Override
  public void fell(long now) {
    remember(now);
    stack.push(minutes.step(demand) * seconds.steps() + seconds.step(demand), now);
    demand--;
  }

  private void remember(long now) {
    minutes.passed(now - last, demand);
    seconds.passed(now - last, demand);
    last = now;
  }

  @Override
  public int idleWanted(long now) {
    int wanted = 0;
    for (int kind = 0; kind < kinds; kind++) {
      wanted += stack.after(kind, now - limits[kind]);
    }
    return wanted;
  }

  @Override
  public long nextChange(long now) {
    long next = Long.MAX_VALUE;
    for (int kind = 0; kind < kinds; kind++) {
      long oldest = stack.oldestAfter(kind, now - limits[kind]);
      if (oldest != Long.MAX_VALUE) {
        next = Math.min(next, oldest + limits[kind]);
      }
    }
    return next;
  }
}
