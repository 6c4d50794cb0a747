package dev.outboard.integration.wire;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.outboard.engine.Observation;
import org.HdrHistogram.Histogram;

/**
 * What was seen of a guest's TCP, as the API shows it. All of it is since the observation began.
 *
 * @param p50Us left out, as the others, while there are no round trips
 * @param histogram the round trips, see {@link RoundTrips}
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ObservationView(
    String guest,
    double seconds,
    long roundTrips,
    Double p50Us,
    Double p90Us,
    Double p99Us,
    Double meanUs,
    long segments,
    long bytes,
    long retransmissions,
    String histogram) {

  /** What the engine has seen. */
  public static ObservationView of(Observation observation) {
    return of(
        observation.guest(),
        observation.time().toMillis() / 1000.0,
        RoundTrips.of(observation),
        observation.segments(),
        observation.bytes(),
        observation.retransmissions());
  }

  /**
   * What was seen since an older view.
   *
   * @throws IllegalArgumentException if the observation has begun anew meanwhile
   */
  public ObservationView since(ObservationView before) {
    if (before.seconds > seconds || before.roundTrips > roundTrips || before.segments > segments) {
      throw new IllegalArgumentException("not of one observation");
    }
    Histogram times = RoundTrips.decode(histogram);
    times.subtract(RoundTrips.decode(before.histogram));
    return of(
        guest,
        seconds - before.seconds,
        times,
        segments - before.segments,
        bytes - before.bytes,
        retransmissions - before.retransmissions);
  }

  private static ObservationView of(
      String guest,
      double seconds,
      Histogram times,
      long segments,
      long bytes,
      long retransmissions) {
    return new ObservationView(
        guest,
        Math.round(seconds * 1000) / 1000.0,
        times.getTotalCount(),
        percentile(times, 50),
        percentile(times, 90),
        percentile(times, 99),
        times.getTotalCount() == 0 ? null : micros(times.getMean()),
        segments,
        bytes,
        retransmissions,
        RoundTrips.encode(times));
  }

  private static Double percentile(Histogram times, int percent) {
    boolean none = times.getTotalCount() == 0;
    return none ? null : micros((double) times.getValueAtPercentile(percent));
  }

  private static double micros(double nanos) {
    return Math.round(nanos / 10) / 100.0;
  }
}
