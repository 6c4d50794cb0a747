package dev.outboard.engine.worker;

/**
 * Which way a guest's frames take: all that a swap exchanges. Immutable; the guest's first worker
 * puts another in its place between two bursts, and the others look at it with their next burst.
 *
 * <p>Theory of operation. A frame's way is looked up when its burst is forwarded, and nothing is
 * kept of it: no frame waits between a guest's ring and a port. So exchanging this object between
 * bursts is the whole of a swap as far as sending goes: all frames before it have left by the old
 * way, all after it leave by the new, none by both. What is still on its way comes in by the old
 * port, which stays open for that.
 *
 * @param routes how it is chosen for frames that leave this host
 * @param port the guest's own port, or null
 * @param localForwarding whether frames to guests of this host take shared memory
 */
public record Way(Routes routes, GuestUplink port, boolean localForwarding) {
  /** The way of a guest that reaches nobody off this host. */
  static final Way NONE = new Way(Routes.NONE, null, true);

  /** Which of the ways of a domain's groups is this guest's. */
  int groups() {
    return port == null ? routes.usualUplink() : ~port.uplink;
  }
}
