package dev.outboard.transport.kerneltcp;

import dev.outboard.spi.Counter;
import dev.outboard.spi.TransportContext;

/**
 * Frames that a port has dropped, by reason; the port's worker counts. {@code docs/kernel-tcp.md}
 * says what each reason means.
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

  /** Connections that it has cut, with those of the whole uplink. */
  final ConnectionCounts connections;

  Drops(TransportContext context, ConnectionCounts connections) {
    this.connections = connections;
    notAPeer = context.counter("not-a-peer");
    badOffload = context.counter("bad-offload");
    noNextHop = context.counter("no-next-hop");
    tooLong = context.counter("too-long");
    socketFull = context.counter("socket-full");
    unreachable = context.counter("unreachable");
    lostInFlight = context.counter("lost-in-flight");
    badMemory = context.counter("bad-memory");
  }
}
