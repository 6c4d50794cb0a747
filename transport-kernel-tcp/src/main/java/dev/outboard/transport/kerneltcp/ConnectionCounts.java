package dev.outboard.transport.kerneltcp;

import dev.outboard.spi.TransportContext;
import java.util.concurrent.atomic.LongAdder;

/**
 * Connections that were cut, by reason, and the gauges that show them: the loop counts those on
 * which no frame has passed, the ports' workers the others. {@code docs/kernel-tcp.md} says what
 * each reason means.
 */
final class ConnectionCounts {
  // In their handshake.
  final LongAdder garbage;
  final LongAdder untrusted;
  final LongAdder version;
  final LongAdder address;
  final LongAdder proof;
  final LongAdder timeout;
  final LongAdder ended;

  // Before it.
  final LongAdder halfOpen;
  final LongAdder noRoom;

  // Later.
  final LongAdder cutGarbage;
  final LongAdder cutTruncated;
  final LongAdder cutStalled;
  final LongAdder cutBroken;

  ConnectionCounts(TransportContext context) {
    garbage = shown(context, "handshakes-garbage");
    untrusted = shown(context, "handshakes-untrusted");
    version = shown(context, "handshakes-other-version");
    address = shown(context, "handshakes-other-address");
    proof = shown(context, "handshakes-wrong-proof");
    timeout = shown(context, "handshakes-too-slow");
    ended = shown(context, "handshakes-ended");
    halfOpen = shown(context, "connections-refused-half-open");
    noRoom = shown(context, "connections-refused-no-room");
    cutGarbage = shown(context, "connections-cut-garbage");
    cutTruncated = shown(context, "connections-cut-truncated");
    cutStalled = shown(context, "connections-cut-stalled");
    cutBroken = shown(context, "connections-cut-broken");
  }

  private static LongAdder shown(TransportContext context, String name) {
    LongAdder count = new LongAdder();
    context.gauge(name, count::sum);
    return count;
  }
}
