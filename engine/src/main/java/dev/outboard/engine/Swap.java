package dev.outboard.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * One swap that is under way: what it changes, guest by guest, and how far it has come. The control
 * thread; see {@link Swaps}.
 */
final class Swap {
  final String id;
  final SwapSpec spec;

  /** What leads elsewhere beside the guests' own choice. */
  final Remotes.Change change;

  final List<Member> members = new ArrayList<>();

  /** {@link #change} is made. */
  boolean changed;

  /** Its last step is being taken, so that nobody joins it any more. */
  boolean ending;

  /** A step of it is being taken. */
  boolean busy;

  /** One guest of a swap: as it was, and as it is to be. */
  static final class Member {
    final AttachedGuest guest;
    final GuestSpec beforeSpec;
    final Remotes.Ways beforeWays;
    final GuestSpec afterSpec;
    final Remotes.Ways afterWays;

    /** The port that was opened for the new way, or null. */
    OwnPort opened;

    boolean moved;

    Member(AttachedGuest guest, GuestSpec afterSpec, Remotes.Ways afterWays) {
      this.guest = guest;
      beforeSpec = guest.spec();
      beforeWays = guest.ways();
      this.afterSpec = afterSpec;
      this.afterWays = afterWays;
    }

    /** The port that only the old way needs, or null. */
    OwnPort old() {
      Uplink before = beforeWays.own();
      return before == null || before == afterWays.own() ? null : guest.portOn(before);
    }
  }

  Swap(String id, SwapSpec spec, Remotes.Change change) {
    this.id = id;
    this.spec = spec;
    this.change = change;
  }

  /** The names of all uplinks that it leads to, or back to if it is aborted. */
  Set<String> uplinks() {
    Set<String> names = new TreeSet<>();
    spec.to().filter(to -> !to.equals(SwapSpec.LOCAL)).ifPresent(names::add);
    if (!change.isNothing()) {
      change.rules().forEach(rule -> names.add(rule.uplink()));
      change.before().rules().forEach(rule -> names.add(rule.uplink()));
      change.gateways().values().forEach(gateway -> names.add(gateway.peer().uplink()));
      change.before().gateways().values().forEach(gateway -> names.add(gateway.peer().uplink()));
      change.moved().forEach(remote -> names.add(change.from().name()));
    }
    for (Member member : members) {
      names.addAll(member.beforeWays.uplinks());
      names.addAll(member.afterWays.uplinks());
    }
    return names;
  }

  /** Whether all that it is about takes the new way, or is just about to. */
  boolean isThrough() {
    return members.isEmpty() ? changed : isComplete();
  }

  boolean isComplete() {
    return members.stream().allMatch(member -> member.moved);
  }

  SwapStatus status() {
    List<String> moved =
        members.stream().filter(member -> member.moved).map(m -> m.guest.id()).toList();
    SwapStatus.State state =
        isComplete() && changed
            ? SwapStatus.State.COMMITTED
            : moved.isEmpty() ? SwapStatus.State.PREPARED : SwapStatus.State.PARTLY;
    return new SwapStatus(id, spec, state, members.stream().map(m -> m.guest.id()).toList(), moved);
  }
}
