package dev.outboard.integration.compare;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;

/**
 * What one arm did in one round. Immutable; written to the JSON as it is.
 *
 * @param position which arm's turn it was in the round, from 1 on
 * @param coreNs round trips between the processors before, between and after the loads
 * @param rttState the state of the processors while round trips were measured, and so on
 * @param cpuBusyS work of the whole machine during the load of 1518 bytes, idle work included
 * @param bytes1518 what that load has carried, from the Ethernet header on
 * @param counted frames that a sidecar says it was given; -1 without one
 */
public record Turn(
    int round,
    int position,
    List<Double> coreNs,
    CoreState rttState,
    @JsonProperty("state_64") CoreState state64,
    @JsonProperty("state_1518") CoreState state1518,
    Rtt rttUs,
    double roundTripsPerS,
    double framesPerS,
    @JsonProperty("frames_per_s_1518") double framesPerS1518,
    double gbitPerS,
    @JsonProperty("cpu_busy_s") double cpuBusyS,
    @JsonProperty("wall_s_1518") double wallS1518,
    @JsonProperty("bytes_1518") long bytes1518,
    long sent,
    long received,
    Map<String, Long> drops,
    long counted,
    long corrupt) {

  /** Round trip times in microseconds. */
  public record Rtt(double p50, double p99, double p999) {}

  /** Work for each gigabyte, less what the machine does when nobody asks for anything. */
  double cpuSecondsPerGigabyte(double idleCpus) {
    double busy = Math.max(0, cpuBusyS - idleCpus * wallS1518);
    return bytes1518 == 0 ? 0 : busy / (bytes1518 / 1e9);
  }
}
