package dev.outboard.integration.live;

import dev.outboard.integration.wire.RoundTrips;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/**
 * What guests did in a time. Immutable but for the histogram, which nobody changes.
 *
 * @param roundTrips of their TCP, in nanoseconds
 * @param segments of TCP that they sent
 * @param retransmissions those that they had sent before
 * @param frames that they sent and were given, of whatever kind
 * @param bytes of these frames
 * @param drops frames that were dropped, by reason
 */
record Traffic(
    Histogram roundTrips,
    long segments,
    long retransmissions,
    long frames,
    long bytes,
    Map<String, Long> drops) {
  static final Traffic NONE = new Traffic(RoundTrips.empty(), 0, 0, 0, 0, Map.of());

  private static final double NANOS_PER_MICRO = 1000;

  Traffic plus(Traffic other) {
    Histogram times = RoundTrips.empty();
    times.add(roundTrips);
    times.add(other.roundTrips);
    return new Traffic(
        times,
        segments + other.segments,
        retransmissions + other.retransmissions,
        frames + other.frames,
        bytes + other.bytes,
        sum(drops, other.drops));
  }

  /** The same with drops that nobody counts for a guest. */
  Traffic plus(Map<String, Long> more) {
    return new Traffic(roundTrips, segments, retransmissions, frames, bytes, sum(drops, more));
  }

  private static Map<String, Long> sum(Map<String, Long> one, Map<String, Long> other) {
    Map<String, Long> sum = new TreeMap<>(one);
    other.forEach((reason, count) -> sum.merge(reason, count, Long::sum));
    return sum;
  }

  long dropped() {
    return drops.values().stream().mapToLong(Long::longValue).sum();
  }

  /** What so many of a hundred round trips took at most, in microseconds; NaN if there are none. */
  double micros(double percentile) {
    return roundTrips.getTotalCount() == 0
        ? Double.NaN
        : roundTrips.getValueAtPercentile(percentile) / NANOS_PER_MICRO;
  }
}
