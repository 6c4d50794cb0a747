package dev.outboard.transport.iouring;

import dev.outboard.linux.Errno;
import dev.outboard.spi.Counter;
import dev.outboard.spi.TransportContext;

/**
 * Frames and datagrams that a port has dropped, by reason; the port's worker counts. {@code
 * docs/iouring.md} says what each reason means.
 */
final class Drops {
  // Received.
  final Counter unknownPeer;
  final Counter unknownNetwork;
  final Counter badVxlan;
  final Counter truncated;
  final Counter receiveSocketFull;
  final Counter portClosed;

  // To be sent.
  final Counter noNextHop;
  final Counter tooLong;
  final Counter sendSocketFull;
  final Counter segmentationRefused;
  private final Counter unreachable;
  private final Counter forbidden;
  private final Counter badMemory;
  private final Counter sendError;

  Drops(TransportContext context) {
    unknownPeer = context.counter("unknown-peer");
    unknownNetwork = context.counter("unknown-network");
    badVxlan = context.counter("bad-vxlan");
    truncated = context.counter("truncated");
    receiveSocketFull = context.counter("receive-socket-full");
    portClosed = context.counter("port-closed");
    noNextHop = context.counter("no-next-hop");
    tooLong = context.counter("too-long");
    sendSocketFull = context.counter("send-socket-full");
    segmentationRefused = context.counter("segmentation-refused");
    unreachable = context.counter("unreachable");
    forbidden = context.counter("forbidden");
    badMemory = context.counter("bad-memory");
    sendError = context.counter("send-error");
  }

  /** Whether a send that failed so may work soon. */
  static boolean isFull(int errno) {
    return switch (errno) {
      case Errno.EAGAIN, Errno.ENOBUFS, Errno.ENOMEM, Errno.EINTR -> true;
      default -> false;
    };
  }

  /** Where frames are counted whose send failed with this error number. */
  Counter ofSend(int errno) {
    return switch (errno) {
      case Errno.EAGAIN, Errno.ENOBUFS, Errno.ENOMEM, Errno.EINTR -> sendSocketFull;
      case Errno.EMSGSIZE -> tooLong;
      case Errno.ENETUNREACH,
          Errno.EHOSTUNREACH,
          Errno.ENETDOWN,
          Errno.EHOSTDOWN,
          Errno.ECONNREFUSED,
          Errno.EADDRNOTAVAIL,
          Errno.ENODEV,
          Errno.ENXIO ->
          unreachable;
      case Errno.EPERM, Errno.EACCES -> forbidden;
      case Errno.EFAULT -> badMemory;
      default -> sendError;
    };
  }
}
