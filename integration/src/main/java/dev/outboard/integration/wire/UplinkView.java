package dev.outboard.integration.wire;

import dev.outboard.engine.Engine;
import java.util.Map;

/**
 * An uplink as the API shows it.
 *
 * @param failure why it does not carry frames any more, or empty
 * @param sentFrames frames that guests have sent by it; of an uplink where each guest has its own
 *     port, the guests' counters say that
 * @param receivedFrames frames that came in by it, likewise
 * @param joinedFrames segments that came in besides: each was joined with the one before it
 * @param drops frames from outside that were given to no guest, and what the transport lost by
 *     itself, by reason
 * @param gauges what else its transport shows, by name
 */
public record UplinkView(
    String name,
    String transport,
    String failure,
    long sentFrames,
    long sentBytes,
    long receivedFrames,
    long receivedBytes,
    long joinedFrames,
    Map<String, Long> drops,
    Map<String, Long> gauges) {

  /** What the engine says of an uplink. */
  public static UplinkView of(Engine.UplinkStatus status) {
    return new UplinkView(
        status.name(),
        status.transport(),
        status.failure(),
        status.sentFrames(),
        status.sentBytes(),
        status.receivedFrames(),
        status.receivedBytes(),
        status.joinedFrames(),
        status.drops(),
        status.gauges());
  }
}
