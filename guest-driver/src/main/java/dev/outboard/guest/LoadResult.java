package dev.outboard.guest;

import java.util.Locale;
import java.util.Optional;
import org.HdrHistogram.Histogram;

/**
 * What a load has measured, counted on the guests' side. Immutable, but for the histogram.
 *
 * @param load which load
 * @param seconds how long it was measured
 * @param sent frames sent
 * @param received frames received
 * @param bytes bytes received, from the Ethernet header on
 * @param payloadBytes payload bytes received
 * @param lost frames (with TCP frames: payload bytes) that never came
 * @param late frames that came twice or out of order
 * @param corrupt frames that were changed on the way
 * @param foreign frames that nobody of us sent
 * @param peerSent answers that the other guest sent, if the load has any
 * @param peerReceived requests that the other guest received, if the load has answers
 * @param rtt round trips in nanoseconds, if the load has any
 */
public record LoadResult(
    String load,
    double seconds,
    long sent,
    long received,
    long bytes,
    long payloadBytes,
    long lost,
    long late,
    long corrupt,
    long foreign,
    long peerSent,
    long peerReceived,
    Optional<Histogram> rtt) {

  private static final double BITS_PER_BYTE = 8;
  private static final double GIGA = 1e9;

  /** Of a load that goes one way. */
  static LoadResult of(String load, double seconds, long sent, FrameCheck check) {
    return of(load, seconds, sent, check, 0, 0, Optional.empty());
  }

  /** Of a load whose frames are answered. */
  static LoadResult of(
      String load, double seconds, long sent, FrameCheck check, Echo echo, Histogram rtt) {
    return of(load, seconds, sent, check, echo.sent(), echo.requests().frames(), Optional.of(rtt));
  }

  private static LoadResult of(
      String load,
      double seconds,
      long sent,
      FrameCheck check,
      long peerSent,
      long peerReceived,
      Optional<Histogram> rtt) {
    return new LoadResult(
        load,
        seconds,
        sent,
        check.frames(),
        check.bytes(),
        check.payloadBytes(),
        check.lost(),
        check.late(),
        check.corrupt(),
        check.foreign(),
        peerSent,
        peerReceived,
        rtt);
  }

  /** Frames received in a second. */
  public double framesPerSecond() {
    return received / seconds;
  }

  /** Bits received in a nanosecond, from the Ethernet header on. */
  public double gigabitsPerSecond() {
    return bytes * BITS_PER_BYTE / seconds / GIGA;
  }

  /** One line of JSON. */
  public String toJson() {
    StringBuilder out = new StringBuilder(400);
    out.append(
        String.format(
            Locale.ROOT,
            "{\"load\":\"%s\",\"seconds\":%.6f,\"sent\":%d,\"received\":%d,\"bytes\":%d,"
                + "\"payload_bytes\":%d,\"lost\":%d,\"late\":%d,\"corrupt\":%d,\"foreign\":%d,"
                + "\"peer_sent\":%d,\"peer_received\":%d,\"frames_per_second\":%.1f,\"gbit_per_second\":%.6f",
            load,
            seconds,
            sent,
            received,
            bytes,
            payloadBytes,
            lost,
            late,
            corrupt,
            foreign,
            peerSent,
            peerReceived,
            framesPerSecond(),
            gigabitsPerSecond()));
    rtt.ifPresent(
        histogram ->
            out.append(
                String.format(
                    Locale.ROOT,
                    ",\"rtt_ns\":{\"count\":%d,\"mean\":%.1f,\"min\":%d,\"p50\":%d,\"p90\":%d,"
                        + "\"p99\":%d,\"p999\":%d,\"max\":%d}",
                    histogram.getTotalCount(),
                    histogram.getMean(),
                    histogram.getMinValue(),
                    histogram.getValueAtPercentile(50),
                    histogram.getValueAtPercentile(90),
                    histogram.getValueAtPercentile(99),
                    histogram.getValueAtPercentile(99.9),
                    histogram.getMaxValue())));
    return out.append('}').toString();
  }
}
