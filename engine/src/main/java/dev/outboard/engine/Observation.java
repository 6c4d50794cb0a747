package dev.outboard.engine;

import java.time.Duration;
import java.util.List;

/**
 * What was seen of a guest's TCP since {@link Engine#observe}, without touching a packet.
 *
 * @param time how long it is being observed
 * @param segments segments with payload, SYN or FIN that the guest has sent; a super-frame counts
 *     as those it stands for
 * @param bytes their payload
 * @param retransmissions those of them that the guest had sent before
 * @param roundTrips how long it took until what the guest had sent was acknowledged, from when the
 *     sidecar took the segment to when it gave the guest the acknowledgment
 */
public record Observation(
    String guest,
    Duration time,
    long segments,
    long bytes,
    long retransmissions,
    List<Bucket> roundTrips) {

  /**
   * Round trips that took about as long.
   *
   * @param nanos the middle of what falls into the bucket, at most 0.4 % from each
   * @param count how many
   */
  public record Bucket(long nanos, long count) {}
}
