package dev.outboard.engine.worker;

import dev.outboard.engine.forwarding.Path;
import dev.outboard.engine.forwarding.Route;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * By which way a guest's frames leave this host: the rules that apply to it, in the order in which
 * they are looked at. Immutable; the control thread makes it, the guest's worker asks it.
 *
 * <p>A rule that fits the destination decides if it has a way there: to a station that is known
 * elsewhere by the rule's uplink if the station has a peer on it, to others by the rule's own peer.
 * Where no rule decides, a known station is reached as is usual for it, and for others there is no
 * way.
 */
public final class Routes {
  /** No rules. */
  public static final Routes NONE = new Routes(List.of());

  /** No uplink: {@link Path}'s numbers never reach it. */
  private static final int NOWHERE = Integer.MIN_VALUE;

  private final Route[] rules;
  private final int instead;
  private final int by;

  /** Rules in their order. */
  public Routes(List<Route> rules) {
    this(rules, NOWHERE, NOWHERE);
  }

  /**
   * Rules in their order, for a guest that takes a swap's new way before others do.
   *
   * @param instead an uplink that some stations are usually reached by
   * @param by what they are reached by here, if they can
   */
  public Routes(List<Route> rules, int instead, int by) {
    this.rules = rules.toArray(Route[]::new);
    this.instead = instead;
    this.by = by;
  }

  /** What known stations are reached by that no particular rule is for, if they can; or nothing. */
  int usualUplink() {
    for (Route rule : rules) {
      if (rule.destination() == null) {
        return rule.uplink();
      }
    }
    return NOWHERE;
  }

  /**
   * The way for one frame, or null if there is none.
   *
   * @param remote who has the destination MAC address, if it is known elsewhere, else null
   * @param at where the frame starts in private memory
   * @param length how many of its bytes are there
   */
  Path choose(RemoteStation remote, MemorySegment memory, long at, int length) {
    for (Route rule : rules) {
      if (rule.fits(memory, at, length)) {
        Path path = remote == null ? rule.path() : remote.on(rule.uplink());
        if (path != null) {
          return path;
        }
      }
    }
    return remote == null ? null : usual(remote);
  }

  private Path usual(RemoteStation remote) {
    Path usual = remote.usual();
    if (usual.uplink() != instead) {
      return usual;
    }
    Path other = remote.on(by);
    return other == null ? usual : other;
  }
}
