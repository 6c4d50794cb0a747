package dev.outboard.integration.live;

import dev.outboard.integration.compare.CpuTime;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/**
 * All that is counted at a moment; what matters is the difference of two. Immutable but for the
 * histograms, which nobody changes.
 *
 * @param guests what is known of each guest
 * @param uplinkDrops frames that uplinks have dropped, by uplink and reason
 * @param sidecarSeconds what the sidecar has worked
 * @param machine what the whole machine has worked, and when that was
 */
record Snapshot(
    Map<String, Guest> guests,
    Map<String, Map<String, Long>> uplinkDrops,
    double sidecarSeconds,
    CpuTime machine) {

  /**
   * What is counted of a guest.
   *
   * @param frames frames it sent and was given
   * @param bytes their bytes
   * @param drops frames of it that were dropped, by reason
   */
  record Guest(
      Histogram roundTrips,
      long segments,
      long retransmissions,
      long frames,
      long bytes,
      Map<String, Long> drops) {

    Traffic since(Guest earlier) {
      Histogram times = roundTrips.copy();
      times.subtract(earlier.roundTrips);
      return new Traffic(
          times,
          segments - earlier.segments,
          retransmissions - earlier.retransmissions,
          frames - earlier.frames,
          bytes - earlier.bytes,
          difference(drops, earlier.drops));
    }
  }

  static Map<String, Long> difference(Map<String, Long> later, Map<String, Long> earlier) {
    Map<String, Long> difference = new TreeMap<>();
    later.forEach(
        (reason, count) -> {
          long more = count - earlier.getOrDefault(reason, 0L);
          if (more != 0) {
            difference.put(reason, more);
          }
        });
    return difference;
  }
}
