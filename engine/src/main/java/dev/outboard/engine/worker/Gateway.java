package dev.outboard.engine.worker;

import dev.outboard.engine.forwarding.BroadcastDomain;
import dev.outboard.engine.forwarding.Path;

/**
 * Where a network's frames go whose destination nobody knows. Made by the control thread, used by
 * all workers.
 *
 * @param domain whose frames they are
 * @param path the way there
 * @param isSource whether stations that nobody knows may be behind it, and send
 */
public record Gateway(BroadcastDomain<GuestDevice> domain, Path path, boolean isSource) {
  /** Whether a frame with an unknown source may come from a peer. */
  boolean accepts(int uplink, int nextHop) {
    return isSource && path.uplink() == uplink && path.nextHop() == nextHop;
  }
}
