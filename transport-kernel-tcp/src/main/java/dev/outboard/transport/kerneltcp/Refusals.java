package dev.outboard.transport.kerneltcp;

import dev.outboard.spi.Counter;
import dev.outboard.spi.TransportContext;

/** Connections that were cut before a frame passed, by reason; the loop counts. */
final class Refusals {
  final Counter garbage;
  final Counter version;
  final Counter address;
  final Counter proof;
  final Counter timeout;
  final Counter ended;
  final Counter halfOpen;
  final Counter noRoom;

  Refusals(TransportContext context) {
    garbage = context.counter("handshakes-garbage");
    version = context.counter("handshakes-other-version");
    address = context.counter("handshakes-other-address");
    proof = context.counter("handshakes-wrong-proof");
    timeout = context.counter("handshakes-too-slow");
    ended = context.counter("handshakes-ended");
    halfOpen = context.counter("connections-refused-half-open");
    noRoom = context.counter("connections-refused-no-room");
  }
}
