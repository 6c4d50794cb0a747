package dev.outboard.integration.compare;

import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.integration.UserException;

/**
 * A load that has run: what its guests say, and what the machine has worked meanwhile. Immutable.
 *
 * @param answer the figures of the guests
 * @param busy seconds of work of the whole machine
 * @param wall seconds that have passed
 */
record Measured(JsonNode answer, double busy, double wall) {
  private static final double NANOS_PER_MICRO = 1000;

  static Measured run(LoadProcess load, String command, double seconds) throws UserException {
    CpuTime start = CpuTime.now();
    JsonNode answer = load.run(command, seconds);
    CpuTime end = CpuTime.now();
    return new Measured(answer, end.busySince(start), end.wallSince(start));
  }

  long count(String key) {
    return answer.path(key).asLong();
  }

  double figure(String key) {
    return answer.path(key).asDouble();
  }

  /** Its round trips, in microseconds. */
  Turn.Rtt rtt() {
    JsonNode nanos = answer.path("rtt_ns");
    return new Turn.Rtt(
        nanos.path("p50").asDouble() / NANOS_PER_MICRO,
        nanos.path("p90").asDouble() / NANOS_PER_MICRO,
        nanos.path("p99").asDouble() / NANOS_PER_MICRO,
        nanos.path("p999").asDouble() / NANOS_PER_MICRO);
  }
}
