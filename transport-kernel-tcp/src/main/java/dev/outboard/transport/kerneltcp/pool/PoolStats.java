package dev.outboard.transport.kerneltcp.pool;

import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * What a pool has done since it was made and what it holds: a copy, the reader's own.
 *
 * @param size all connections, in whatever state
 * @param hits requests that found an idle connection
 * @param misses requests that had to wait, or were refused
 * @param opened connections that were opened, or being opened, over all time
 * @param failedOpenings of these, the ones that failed
 * @param drained connections that were let go because they were not worth their keep
 * @param broken connections that ended or failed their check
 * @param refused requests whose patience ended
 * @param idleSeconds connections that nobody had, times seconds
 * @param lentSeconds connections that somebody had, times seconds
 * @param waitedSeconds what requests waited altogether, without those that were refused
 * @param waits nanoseconds that requests waited, hits and misses, for each class; without those
 *     that were refused
 */
public record PoolStats(
    int size,
    int idle,
    int lent,
    int opening,
    int draining,
    int waiting,
    long hits,
    long misses,
    long opened,
    long failedOpenings,
    long drained,
    long broken,
    long refused,
    double idleSeconds,
    double lentSeconds,
    double waitedSeconds,
    Map<ServiceClass, Histogram> waits) {

  /** What it will be after a time in which nothing happens. */
  PoolStats after(double seconds) {
    return new PoolStats(
        size,
        idle,
        lent,
        opening,
        draining,
        waiting,
        hits,
        misses,
        opened,
        failedOpenings,
        drained,
        broken,
        refused,
        idleSeconds + seconds * (idle + draining),
        lentSeconds + seconds * lent,
        waitedSeconds,
        waits);
  }

  /** The share of requests that found an idle connection; 1 if there was none. */
  public double hitRate() {
    return hits + misses == 0 ? 1 : (double) hits / (hits + misses);
  }
}
