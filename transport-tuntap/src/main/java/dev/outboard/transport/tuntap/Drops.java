package dev.outboard.transport.tuntap;

import dev.outboard.linux.Errno;
import dev.outboard.spi.Counter;
import dev.outboard.spi.PortSpec;

/**
 * Why a port has dropped frames, counted. Made by the control thread, counted up by the port's
 * worker.
 */
final class Drops {
  /** The kernel found the frame or its offload fields malformed. */
  final Counter refused;

  /** Somebody has set the TAP down. */
  final Counter down;

  /** The guest's memory, or part of it, was not there any more. */
  final Counter guestMemory;

  /** More fragments than one system call takes. */
  final Counter fragments;

  /** Any other error of the kernel's. */
  final Counter other;

  /** Received, and larger than the guest's buffers or than a frame of its network may be. */
  final Counter oversized;

  /** Received before the guest's driver started anew, for which it may be unfit. */
  final Counter stale;

  Drops(PortSpec spec) {
    refused = spec.dropCounter("tap-refused");
    down = spec.dropCounter("tap-down");
    guestMemory = spec.dropCounter("tap-guest-memory");
    fragments = spec.dropCounter("tap-fragments");
    other = spec.dropCounter("tap-error");
    oversized = spec.dropCounter("tap-oversized");
    stale = spec.dropCounter("tap-stale");
  }

  /** The counter for a frame that met this error. */
  Counter of(int errno) {
    return switch (errno) {
      case Errno.EINVAL, Errno.EMSGSIZE -> refused;
      case Errno.EIO -> down;
      case Errno.EFAULT -> guestMemory;
      default -> other;
    };
  }
}
