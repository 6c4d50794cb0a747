package dev.outboard.transport.kerneltcp;

import dev.outboard.spi.Counter;
import dev.outboard.spi.TransportContext;

/**
 * Frames that a port has dropped, and connections that it has cut, by reason; the port's worker
 * counts. {@code docs/kernel-tcp.md} says what each reason means.
 */
final class Drops {
  // Received.
  final Counter notAPeer;
  final Counter badOffload;

  // To be sent.
  final Counter noNextHop;
  final Counter tooLong;
  final Counter socketFull;
  final Counter unreachable;
  final Counter lostInFlight;
  final Counter badMemory;

  // Connections.
  final Counter cutGarbage;
  final Counter cutTruncated;
  final Counter cutStalled;
  final Counter cutBroken;

  Drops(TransportContext context) {
    notAPeer = context.counter("not-a-peer");
    badOffload = context.counter("bad-offload");
    noNextHop = context.counter("no-next-hop");
    tooLong = context.counter("too-long");
    socketFull = context.counter("socket-full");
    unreachable = context.counter("unreachable");
    lostInFlight = context.counter("lost-in-flight");
    badMemory = context.counter("bad-memory");
    cutGarbage = context.counter("connections-cut-garbage");
    cutTruncated = context.counter("connections-cut-truncated");
    cutStalled = context.counter("connections-cut-stalled");
    cutBroken = context.counter("connections-cut-broken");
  }
}
