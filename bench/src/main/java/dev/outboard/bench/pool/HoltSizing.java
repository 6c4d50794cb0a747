package dev.outboard.bench.pool;

import dev.outboard.transport.kerneltcp.pool.Sizing;

/**
 * Forecasts the most that will be used in the next second by double exponential smoothing (Holt
 * 1957) of the most used in each second, and keeps that and three mean errors.
 */
final class HoltSizing implements Sizing {
  private static final long STEP = 1_000_000_000L;
  private static final double LEVEL = 0.2;
  private static final double TREND = 0.05;
  private static final double ERROR = 0.02;
  private static final double ERRORS = 3;

  private int demand;
  private int most;
  private double level;
  private double trend;
  private double error;
  private long end = STEP;

  @Override
  public void rose(long now, boolean hit) {
    step(now);
    most = Math.max(most, ++demand);
  }

  @Override
  public void fell(long now) {
    step(now);
    demand--;
  }

  private void step(long now) {
    for (; now >= end; end += STEP) {
      error += ERROR * (Math.abs(most - level - trend) - error);
      double before = level;
      level += trend + LEVEL * (most - level - trend);
      trend += TREND * (level - before - trend);
      most = demand;
    }
  }

  @Override
  public int idleWanted(long now) {
    step(now);
    return (int) Math.max(0, Math.ceil(level + trend + ERRORS * error) - demand);
  }

  @Override
  public long nextChange(long now) {
    return Math.max(end, now + 1);
  }
}
