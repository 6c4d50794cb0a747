package dev.outboard.transport.kerneltcp.pool;

/**
 * How far demand is from what it has been for some time, in square roots of that: the fluctuation
 * of a Poisson load. In steps of one. Private to the sizing.
 */
final class Distance {
  private final double memoryNanos;
  private final int lowest;
  private final int steps;
  private double usual;

  /**
   * Makes one.
   *
   * @param memoryNanos time constant of what is usual
   * @param lowest the distance below which all are one step
   * @param highest the distance above which all are one step
   */
  Distance(double memoryNanos, int lowest, int highest) {
    this.memoryNanos = memoryNanos;
    this.lowest = lowest;
    steps = highest - lowest + 2;
  }

  int steps() {
    return steps;
  }

  /** Demand was this for so long. */
  void passed(long nanos, int demand) {
    usual += (demand - usual) * -Math.expm1(-nanos / memoryNanos);
  }

  /** The step that a demand is on, from 0. */
  int step(int demand) {
    double distance = (demand - usual) / Math.sqrt(usual + 1);
    return (int) Math.clamp(Math.ceil(distance) - lowest, 0, steps - 1);
  }
}
