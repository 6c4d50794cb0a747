package dev.outboard.integration.compare;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;

/**
 * What one arm did in one round. Immutable; written to the JSON as it is.
 *
 * @param position which arm's turn it was in the round, from 1 on
 * @param coreNs round trips between the processors before, between and after the loads
 * @param rttState the state of the processors while round trips were measured, and so on
 * @param atLoadState that of the load at a fixed rate, as all of its figures null without one
 * @param rttAtLoadUs round trips at that rate, from the moment each was due
 * @param work64 work for frames of 64 bytes
 * @param workAtLoad work for the answers of the load at a fixed rate
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
    @JsonInclude(JsonInclude.Include.NON_NULL) CoreState atLoadState,
    Rtt rttUs,
    @JsonInclude(JsonInclude.Include.NON_NULL) Rtt rttAtLoadUs,
    double roundTripsPerS,
    double framesPerS,
    @JsonProperty("frames_per_s_1518") double framesPerS1518,
    double gbitPerS,
    @JsonProperty("work_64") Work work64,
    @JsonInclude(JsonInclude.Include.NON_NULL) Work workAtLoad,
    @JsonProperty("cpu_busy_s") double cpuBusyS,
    @JsonProperty("wall_s_1518") double wallS1518,
    @JsonProperty("bytes_1518") long bytes1518,
    long sent,
    long received,
    Map<String, Long> drops,
    long counted,
    long corrupt) {
  private static final double GIGA = 1e9;

  /** Round trip times in microseconds. */
  public record Rtt(double p50, double p90, double p99, double p999) {}

  /**
   * What the whole machine has worked during a load, idle work included.
   *
   * @param frames what that was good for
   */
  public record Work(
      @JsonProperty("cpu_busy_s") double cpuBusyS,
      @JsonProperty("wall_s") double wallS,
      long frames) {}

  /** Work for each gigabyte, less what the machine does when nobody asks for anything. */
  double cpuSecondsPerGigabyte(double idleCpus) {
    return bytes1518 == 0 ? 0 : work(cpuBusyS, wallS1518, idleCpus) / (bytes1518 / GIGA);
  }

  /** Gigabytes for a second of work. */
  double gigabytesPerCpuSecond(double idleCpus) {
    double work = work(cpuBusyS, wallS1518, idleCpus);
    return work == 0 ? 0 : bytes1518 / GIGA / work;
  }

  /** Frames of 64 bytes for a second of work. */
  double framesPerCpuSecond(double idleCpus) {
    double work = work(work64.cpuBusyS, work64.wallS, idleCpus);
    return work == 0 ? 0 : work64.frames / work;
  }

  private static double work(double busy, double wall, double idleCpus) {
    return Math.max(0, busy - idleCpus * wall);
  }
}
