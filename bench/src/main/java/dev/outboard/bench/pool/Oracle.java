package dev.outboard.bench.pool;

import java.util.Arrays;

/**
 * The least idle connection-seconds that serve a trace with so many set-ups, by who knows the
 * future.
 *
 * <p>Theory of operation. Let {@code busy(t)} be the requests that are under way. Whoever serves
 * all of them at once has {@code size(t) >= busy(t)} connections, and idle ones for the difference.
 * Cut both curves into levels: level n is up while the curve is at n or more. Level n of size
 * covers level n of busy; each time it comes up costs a set-up; while it is up and busy's is down a
 * connection is idle. So with r runs of busy's levels, and k set-ups, at least r - k gaps between
 * runs must be bridged, and no choice is better than the shortest ones. It can be done, too: a gap
 * of a level lies within the one above, so the shorter ones make a curve of sizes, and a connection
 * is opened the set-up time before its level is up. That is the bound; no pool has less, unless it
 * makes more set-ups or lets requests wait (those that wait are one in a hundred at most here, and
 * wait for milliseconds).
 *
 * <p>Set-ups must be counted. Who may have as many as there are requests opens each connection just
 * in time and has none idle: no pool at all, with foresight.
 */
final class Oracle {
  private static final double SECOND = 1e9;

  /** For each number of gaps between runs of levels, the seconds of the shortest so many. */
  private final double[] seconds;

  private final int runs;

  Oracle(Trace trace) {
    runs = trace.size();
    long[] found = new long[runs];
    long[] left = new long[runs];
    long[] ends = new long[runs];
    Arrays.setAll(ends, i -> trace.arrival(i) + trace.duration(i));
    Arrays.sort(ends);
    int count = 0;
    int open = 0;
    int ended = 0;
    for (int request = 0; request < runs; request++) {
      long arrival = trace.arrival(request);
      for (; ended < ends.length && ends[ended] <= arrival; ended++) {
        left[open++] = ends[ended];
      }
      if (open > 0) {
        found[count++] = arrival - left[--open];
      }
    }
    long[] gaps = Arrays.copyOf(found, count);
    Arrays.sort(gaps);
    seconds = new double[count + 1];
    for (int i = 0; i < count; i++) {
      seconds[i + 1] = seconds[i] + gaps[i] / SECOND;
    }
  }

  /**
   * Connection-seconds. With fewer set-ups than the trace has levels it can't be done: infinite.
   */
  double idleSeconds(long setUps) {
    long bridged = Math.max(0, runs - setUps);
    return bridged >= seconds.length ? Double.POSITIVE_INFINITY : seconds[(int) bridged];
  }
}
