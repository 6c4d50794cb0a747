package dev.outboard.engine.worker;

import dev.outboard.engine.forwarding.BroadcastDomain;

/**
 * Whoever has a MAC address in a network: a guest of this host, or one that is known to be on
 * another.
 */
public sealed interface Station permits GuestDevice, RemoteStation {
  /** The name users gave it. */
  String id();

  /** Its MAC address, as a number. */
  long mac();

  /** Its network and tenant. */
  BroadcastDomain<GuestDevice> domain();
}
