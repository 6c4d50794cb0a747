package dev.outboard.bench.pool;

import dev.outboard.transport.kerneltcp.pool.Sizing;

/**
 * Square-root staffing (Erlang, Halfin and Whitt 1981): the offered load, averaged over a minute,
 * and some square roots of it, as many as leave one of a hundred without a server.
 */
final class SquareRootSizing implements Sizing {
  private static final double MEMORY = 60e9;
  private static final double ROOTS = 2.4;
  private static final long STEP = 1_000_000_000L;

  private int demand;
  private double load;
  private long last;

  @Override
  public void rose(long now, boolean hit) {
    remember(now);
    demand++;
  }

  @Override
  public void fell(long now) {
    remember(now);
    demand--;
  }

  private void remember(long now) {
    load += (demand - load) * -Math.expm1((last - now) / MEMORY);
    last = now;
  }

  @Override
  public int idleWanted(long now) {
    remember(now);
    return (int) Math.max(0, Math.ceil(load + ROOTS * Math.sqrt(load)) - demand);
  }

  @Override
  public long nextChange(long now) {
    return now + STEP;
  }
}
