package dev.outboard.bench.start;

import dev.outboard.integration.statistics.Statistics;
import java.util.Arrays;
import java.util.List;

/**
 * How the rate grew from the first frame on: frames that arrived in each of many short times in
 * succession. Immutable.
 */
final class WarmUpCurve {
  /** Of what comes last, this share is the steady state. */
  private static final double STEADY_SHARE = 0.4;

  /**
   * So many buckets are looked at together, by their median: one that others on the machine have
   * taken a processor in is no sign of cold code.
   */
  static final int WINDOW = 10;

  private final long[] frames;
  private final int bucketMillis;

  WarmUpCurve(long[] frames, int bucketMillis) {
    this.frames = frames.clone();
    this.bucketMillis = bucketMillis;
  }

  /** The frames of each bucket. */
  List<Long> frames() {
    return Arrays.stream(frames).boxed().toList();
  }

  /** Frames of a bucket once nothing changes any more. */
  double steady() {
    int from = (int) Math.round(frames.length * (1 - STEADY_SHARE));
    return median(from, frames.length);
  }

  /** Frames per second once nothing changes any more. */
  double steadyPerSecond() {
    return steady() * 1000 / bucketMillis;
  }

  /**
   * When the rate reached this share of the steady one and stayed there: the start of the first
   * window from which on no window's median is below it.
   */
  long millisTo(double share) {
    double wanted = share * steady();
    int first = Math.max(0, frames.length - WINDOW + 1);
    while (first > 0 && median(first - 1, first - 1 + WINDOW) >= wanted) {
      first--;
    }
    return (long) first * bucketMillis;
  }

  /** For how long nothing at all would have arrived, had the rest been at the steady rate. */
  double lostMillis() {
    double steady = steady();
    if (steady == 0) {
      return 0;
    }
    int end = (int) (millisTo(0.9) / bucketMillis);
    double missing = 0;
    for (int i = 0; i < end; i++) {
      missing += steady - frames[i];
    }
    return Math.max(0, missing / steady * bucketMillis);
  }

  private double median(int from, int to) {
    return Statistics.median(Arrays.stream(frames, from, to).mapToDouble(count -> count).toArray());
  }
}
