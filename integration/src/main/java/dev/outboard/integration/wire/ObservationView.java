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
    Histogram times = RoundTrips.of(observation);
    return new ObservationView(
        observation.guest(),
        observation.time().toMillis() / 1000.0,
        times.getTotalCount(),
        percentile(times, 50),
        percentile(times, 90),
        percentile(times, 99),
        times.getTotalCount() == 0 ? null : micros(times.getMean()),
        observation.segments(),
        observation.bytes(),
        observation.retransmissions(),
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
