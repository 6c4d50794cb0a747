package dev.outboard.integration.compare;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.outboard.integration.statistics.Statistics;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * All rounds of one arm in short: figures are medians over the rounds, frames are sums. Immutable;
 * written to the JSON as it is.
 *
 * @param framesPerS of 64 bytes
 * @param rttAtLoadUs round trips at a fixed rate, the same for all arms; null without that load
 * @param framesPerCpuS frames of 64 bytes for a second of processor time, of all processors
 * @param gbPerCpuS 10^9 bytes in frames of 1518 bytes for such a second
 * @param gbitPerS in frames of 1518 bytes
 * @param unaccounted frames sent that were neither received nor counted as dropped; 0 if all is
 *     well
 * @param corrupt frames that were changed on the way
 */
public record ArmReport(
    String name,
    String topology,
    Turn.Rtt rttUs,
    @JsonInclude(JsonInclude.Include.NON_NULL) Turn.Rtt rttAtLoadUs,
    @JsonProperty("frames_per_cpu_s") double framesPerCpuS,
    @JsonProperty("gb_per_cpu_s") double gbPerCpuS,
    double roundTripsPerS,
    double framesPerS,
    @JsonProperty("frames_per_s_1518") double framesPerS1518,
    double gbitPerS,
    @JsonProperty("cpu_s_per_gb") double cpuSecondsPerGigabyte,
    long sent,
    long received,
    Map<String, Long> drops,
    long unaccounted,
    long corrupt,
    List<Turn> rounds) {

  static ArmReport of(Arm arm, Topology topology, List<Turn> turns, double idleCpus) {
    long sent = turns.stream().mapToLong(Turn::sent).sum();
    long received = turns.stream().mapToLong(Turn::received).sum();
    Map<String, Long> drops = new TreeMap<>();
    turns.forEach(turn -> turn.drops().forEach((k, count) -> drops.merge(k, count, Long::sum)));
    long dropped = drops.values().stream().mapToLong(Long::longValue).sum();
    return new ArmReport(
        arm.label(),
        topology.label(),
        median(turns.stream().map(Turn::rttUs).toList()),
        median(turns.stream().map(Turn::rttAtLoadUs).filter(Objects::nonNull).toList()),
        median(turns, turn -> turn.framesPerCpuSecond(idleCpus)),
        median(turns, turn -> turn.gigabytesPerCpuSecond(idleCpus)),
        median(turns, Turn::roundTripsPerS),
        median(turns, Turn::framesPerS),
        median(turns, Turn::framesPerS1518),
        median(turns, Turn::gbitPerS),
        median(turns, turn -> turn.cpuSecondsPerGigabyte(idleCpus)),
        sent,
        received,
        drops,
        sent - received - dropped,
        turns.stream().mapToLong(Turn::corrupt).sum(),
        turns);
  }

  private static Turn.Rtt median(List<Turn.Rtt> all) {
    return all.isEmpty()
        ? null
        : new Turn.Rtt(
            Statistics.median(all.stream().map(Turn.Rtt::p50).toList()),
            Statistics.median(all.stream().map(Turn.Rtt::p90).toList()),
            Statistics.median(all.stream().map(Turn.Rtt::p99).toList()),
            Statistics.median(all.stream().map(Turn.Rtt::p999).toList()));
  }

  private static double median(List<Turn> turns, ToDoubleFunction<Turn> figure) {
    return Statistics.median(turns.stream().map(figure::applyAsDouble).toList());
  }
}
