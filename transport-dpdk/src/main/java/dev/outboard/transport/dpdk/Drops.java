package dev.outboard.transport.dpdk;

import dev.outboard.spi.Counter;
import java.util.function.Function;

/**
 * Frames that a port has dropped, by reason; the port's worker counts. {@code docs/dpdk.md} says
 * what each reason means.
 */
final class Drops {
  // Received.
  final Counter unknownNetwork;
  final Counter badFrame;
  final Counter noBuffer;
  final Counter portClosed;

  // To be sent.
  final Counter noNextHop;
  final Counter tooLong;
  final Counter tagged;
  final Counter unresolved;
  final Counter badOffload;

  /**
   * The counters of one port.
   *
   * @param counter gives one, by name
   */
  Drops(Function<String, Counter> counter) {
    unknownNetwork = counter.apply("unknown-network");
    badFrame = counter.apply("bad-frame");
    noBuffer = counter.apply("no-buffer");
    portClosed = counter.apply("port-closed");
    noNextHop = counter.apply("no-next-hop");
    tooLong = counter.apply("too-long");
    tagged = counter.apply("tagged");
    unresolved = counter.apply("unresolved");
    badOffload = counter.apply("bad-offload");
  }
}
