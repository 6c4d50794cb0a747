package dev.outboard.engine.worker;

import dev.outboard.engine.forwarding.BroadcastDomain;
import dev.outboard.engine.forwarding.Path;

/**
 * Where a network's frames go whose destination nobody knows. Made and moved by the control thread,
 * used by all workers.
 */
public final class Gateway {
  private final BroadcastDomain<GuestDevice> domain;
  private final boolean isSource;
  private volatile Path path;

  /** Frames from there are taken, too: where it was, or is about to be. */
  private volatile Path other;

  /**
   * A gateway.
   *
   * @param domain whose frames they are
   * @param path the way there
   * @param isSource whether stations that nobody knows may be behind it, and send
   */
  public Gateway(BroadcastDomain<GuestDevice> domain, Path path, boolean isSource) {
    this.domain = domain;
    this.path = path;
    other = path;
    this.isSource = isSource;
  }

  BroadcastDomain<GuestDevice> domain() {
    return domain;
  }

  /** The way there. */
  public Path path() {
    return path;
  }

  /** Takes frames from another place, too. */
  public void open(Path place) {
    other = place;
  }

  /** Is somewhere else from now on; frames are still taken from where it was. */
  void move(Path place) {
    other = path;
    path = place;
  }

  /** Takes frames from nowhere else any more. */
  public void settle() {
    other = path;
  }

  /** Whether a frame with an unknown source may come from a peer. */
  boolean accepts(int uplink, int nextHop) {
    return isSource && (isAt(path, uplink, nextHop) || isAt(other, uplink, nextHop));
  }

  private static boolean isAt(Path place, int uplink, int nextHop) {
    return place.uplink() == uplink && place.nextHop() == nextHop;
  }
}
