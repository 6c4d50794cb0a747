package dev.outboard.engine;

import dev.outboard.engine.control.ControlThread;
import dev.outboard.engine.worker.Way;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Exchanges guests' ways while frames flow. The control thread.
 *
 * <p>Theory of operation. A swap has three steps, so that a tool can take each on several hosts
 * before the next: <em>prepare</em> opens whatever is needed, so that frames come in by the old way
 * and the new; <em>commit</em> has each guest's workers exchange its {@link Way} between two
 * bursts; <em>finish</em> closes what is not needed any more, once nothing has come in by it for a
 * while. Until then the swap can be taken back, by the same steps the other way round. Nothing that
 * can fail happens after prepare.
 */
final class Swaps {
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(25);
  private static final long SILENT_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
  private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final ControlThread control;
  private final Map<String, AttachedGuest> guests;
  private final Uplinks uplinks;
  private final Remotes remotes;
  private final Moves moves;
  private final Map<String, Swap> swaps = new TreeMap<>();

  Swaps(
      ControlThread control,
      Map<String, AttachedGuest> guests,
      Uplinks uplinks,
      Remotes remotes,
      Moves moves) {
    this.control = control;
    this.guests = guests;
    this.uplinks = uplinks;
    this.remotes = remotes;
    this.moves = moves;
  }

  boolean isEmpty() {
    return swaps.isEmpty();
  }

  List<SwapStatus> list() {
    return swaps.values().stream().map(Swap::status).toList();
  }

  /** Opens all that the new ways need; if something can't be opened, nothing stays open. */
  void prepare(String id, SwapSpec spec, CompletableFuture<Object> answer) throws EngineException {
    if (swaps.containsKey(id)) {
      throw new EngineException(EngineException.Kind.TAKEN, "swap '" + id + "' is under way");
    }
    if (spec.to().isEmpty() && spec.localForwarding().isEmpty()) {
      throw invalid("a swap needs an uplink to go to, or local forwarding on or off");
    }
    Swap swap = plan(id, spec);
    try {
      for (Swap.Member member : swap.members) {
        open(member);
      }
    } catch (EngineException e) {
      swap.members.stream().filter(m -> m.opened != null).forEach(m -> m.guest.close(m.opened));
      throw e;
    }
    remotes.open(swap.change);
    swaps.put(id, swap);
    swap.members.forEach(member -> member.guest.swap = swap);
    Countdown ready = step(swap, () -> answer.complete(swap.status()));
    for (Swap.Member member : swap.members) {
      if (member.opened != null) {
        ready.more();
        moves.gather(member.guest);
        member.guest.control.between(
            (worker, share) -> {
              if (!worker.addPort(share, member.opened.port())) {
                member.guest.control.note("its kick fd can't be waited for");
              }
            },
            ready::one);
      }
    }
    ready.one();
  }

  private Swap plan(String id, SwapSpec spec) throws EngineException {
    Optional<String> to = uplink(spec);
    if (to.isPresent()) {
      Uplink known = uplinks.get("swap", to.get());
      if (spec.endpoint().isPresent() && !known.isShared()) {
        throw invalid(
            "uplink '" + known.name() + "' has no endpoints, each guest has its own port");
      }
    }
    Remotes.Change change = remotes.change(spec.scope(), to, spec.endpoint());
    Swap swap = new Swap(id, spec, change);
    for (AttachedGuest guest : affected(spec.scope(), change)) {
      if (guest.swap != null) {
        throw new EngineException(
            EngineException.Kind.TAKEN,
            "guest '%s' is in swap '%s': finish or abort that first"
                .formatted(guest.id(), guest.swap.id));
      }
      swap.members.add(member(swap, guest));
    }
    if (swap.members.isEmpty() && change.isNothing()) {
      throw invalid("there is nothing to swap: nothing leads there");
    }
    return swap;
  }

  /** Where it leads, unless that is no uplink. */
  private static Optional<String> uplink(SwapSpec spec) {
    return spec.to().filter(to -> !to.equals(SwapSpec.LOCAL));
  }

  private Swap.Member member(Swap swap, AttachedGuest guest) throws EngineException {
    SwapSpec spec = swap.spec;
    boolean local = spec.to().isPresent() && uplink(spec).isEmpty();
    Optional<Boolean> forwarding = local ? Optional.of(true) : spec.localForwarding();
    Optional<String> uplink = choice(guest.spec(), spec.scope(), uplink(spec), swap.change);
    GuestSpec after = guest.spec().onWay(uplink, forwarding.orElse(guest.spec().localForwarding()));
    return new Swap.Member(guest, after, remotes.ways(after, swap.change));
  }

  /**
   * A guest is being attached, and no worker knows it yet: a swap of a rule, an uplink or all
   * guests takes it along, on the way that the others have. Gives the port that it needs for that,
   * or null.
   */
  OwnPort join(AttachedGuest guest) throws EngineException {
    for (Swap swap : swaps.values()) {
      if (swap.ending || !isAbout(swap.spec.scope(), swap.change, guest)) {
        continue;
      }
      boolean through = swap.isThrough();
      Swap.Member member = member(swap, guest);
      open(member);
      swap.members.add(member);
      guest.swap = swap;
      if (through) {
        member.moved = true;
        guest.set(member.afterSpec, member.afterWays);
      }
      return member.opened;
    }
    return null;
  }

  /** The swaps that an uplink is needed for, in a user's words. */
  List<String> usersOf(String uplink) {
    return swaps.values().stream()
        .filter(swap -> swap.uplinks().contains(uplink))
        .map(swap -> "swap '" + swap.id + "'")
        .toList();
  }

  private static EngineException invalid(String message) {
    return new EngineException(EngineException.Kind.INVALID, message);
  }

  private List<AttachedGuest> affected(SwapScope scope, Remotes.Change change)
      throws EngineException {
    if (scope instanceof SwapScope.Guests named) {
      List<AttachedGuest> found = new ArrayList<>();
      for (String id : new LinkedHashSet<>(named.ids())) {
        AttachedGuest guest = guests.get(id);
        if (guest == null) {
          throw new EngineException(
              EngineException.Kind.UNKNOWN,
              "no guest '" + id + "' is attached; list shows those that are");
        }
        found.add(guest);
      }
      return found;
    }
    return guests.values().stream().filter(guest -> isAbout(scope, change, guest)).toList();
  }

  /** Whether a swap is about a guest that it does not name. */
  private boolean isAbout(SwapScope scope, Remotes.Change change, AttachedGuest guest) {
    return switch (scope) {
      case SwapScope.All _ -> true;
      case SwapScope.Rule rule -> remotes.isFor(rule.id(), guest.spec());
      case SwapScope.OfUplink uplink ->
          guest.uplinks().contains(uplink.name()) || change.reaches(guest.spec());
      case SwapScope.Guests _ -> false;
    };
  }

  /** The uplink that a guest names itself, afterwards. */
  private static Optional<String> choice(
      GuestSpec guest, SwapScope scope, Optional<String> to, Remotes.Change change) {
    return switch (scope) {
      case SwapScope.Guests _ -> to.or(guest::uplink);
      case SwapScope.All _ -> to.or(guest::uplink);
      case SwapScope.Rule _ -> guest.uplink();
      case SwapScope.OfUplink from ->
          to.isPresent()
                  && (guest.uplink().filter(from.name()::equals).isPresent()
                      || (guest.uplink().isEmpty() && change.needsPort(guest)))
              ? to
              : guest.uplink();
    };
  }

  private static void open(Swap.Member member) throws EngineException {
    Uplink uplink = member.afterWays.own();
    AttachedGuest guest = member.guest;
    if (uplink != null && guest.portOn(uplink) == null) {
      member.opened =
          guest.open(
              uplink, uplink.openPort(member.afterSpec, guest.control.device().portCounters()));
    }
  }

  /** Has these guests, or all, take the new way. */
  void commit(String id, List<String> ids, CompletableFuture<Object> answer)
      throws EngineException {
    Swap swap = find(id);
    for (String named : ids) {
      if (swap.members.stream().noneMatch(member -> member.guest.id().equals(named))) {
        throw new EngineException(
            EngineException.Kind.UNKNOWN, "guest '" + named + "' is not in swap '" + id + "'");
      }
    }
    Countdown moved =
        step(
            swap,
            () -> {
              if (swap.isComplete() && !swap.changed) {
                swap.changed = true;
                remotes.make(swap.change);
              }
              answer.complete(swap.status());
            });
    for (Swap.Member member : swap.members) {
      if (!member.moved && (ids.isEmpty() || ids.contains(member.guest.id()))) {
        member.moved = true;
        move(member, member.afterSpec, member.afterWays, moved);
      }
    }
    moved.one();
  }

  private static void move(Swap.Member member, GuestSpec spec, Remotes.Ways ways, Countdown then) {
    AttachedGuest guest = member.guest;
    Way way = guest.way(spec, ways);
    guest.set(spec, ways);
    then.more();
    guest.control.setWay(way, then::one);
  }

  /** Closes the old ways; all guests have taken the new. */
  void finish(String id, CompletableFuture<Object> answer) throws EngineException {
    Swap swap = find(id);
    SwapStatus status = swap.status();
    if (status.state() != SwapStatus.State.COMMITTED) {
      throw new EngineException(
          EngineException.Kind.TAKEN, "swap '" + id + "' is not committed for all of its guests");
    }
    Countdown done = step(swap, () -> end(swap, status, answer));
    swap.ending = true;
    for (Swap.Member member : swap.members) {
      settle(member, done);
      retire(member.guest, member.old(), done);
    }
    done.one();
  }

  /** Puts everything back. */
  void abort(String id, CompletableFuture<Object> answer) throws EngineException {
    Swap swap = find(id);
    SwapStatus status = swap.status();
    Countdown done = step(swap, () -> end(swap, status, answer));
    swap.ending = true;
    if (swap.changed) {
      remotes.takeBack(swap.change);
    }
    for (Swap.Member member : swap.members) {
      if (member.moved) {
        move(member, member.beforeSpec, member.beforeWays, done);
      }
      retire(member.guest, member.opened, done);
    }
    done.one();
  }

  private void end(Swap swap, SwapStatus status, CompletableFuture<Object> answer) {
    remotes.settle(swap.change);
    swap.members.forEach(member -> member.guest.swap = null);
    swaps.remove(swap.id);
    answer.complete(status);
  }

  /** The rules say by now what the guest was told beforehand. */
  private void settle(Swap.Member member, Countdown then) {
    try {
      move(member, member.afterSpec, remotes.ways(member.afterSpec), then);
    } catch (EngineException e) {
      member.guest.control.note(e.getMessage());
    }
  }

  /** Takes a port from its worker and closes it when it has been silent for a while. */
  private void retire(AttachedGuest guest, OwnPort port, Countdown then) {
    if (port != null) {
      then.more();
      long now = System.nanoTime();
      watch(guest, port, now, now, port.port().receivedFrames(), then);
    }
  }

  /**
   * Silence counts only if the worker has looked: on a busy machine it may not have run meanwhile,
   * and what has come in would be lost with the port.
   */
  private void watch(
      AttachedGuest guest, OwnPort port, long start, long since, long seen, Countdown then) {
    long now = System.nanoTime();
    long received = port.port().receivedFrames();
    long silentSince = received == seen ? since : now;
    if (now - silentSince >= SILENT_NANOS || now - start >= LONGEST_NANOS) {
      guest.control.between(
          (worker, share) -> worker.lookAtPorts(share),
          () -> {
            if (port.port().receivedFrames() == received || now - start >= LONGEST_NANOS) {
              close(guest, port, then);
            } else {
              watch(guest, port, start, now, received, then);
            }
          });
    } else {
      control.schedule(LOOK_NANOS, () -> watch(guest, port, start, silentSince, received, then));
    }
  }

  private void close(AttachedGuest guest, OwnPort port, Countdown then) {
    guest.control.between(
        (worker, share) -> worker.removePort(share, port.port()),
        () -> {
          guest.close(port);
          moves.spread(guest);
          then.one();
        });
  }

  /** A guest leaves; the swap goes on without it. */
  void detached(AttachedGuest guest) {
    if (guest.swap != null) {
      guest.swap.members.removeIf(member -> member.guest == guest);
    }
  }

  private Swap find(String id) throws EngineException {
    Swap swap = swaps.get(id);
    if (swap == null) {
      throw new EngineException(
          EngineException.Kind.UNKNOWN,
          "no swap '%s' is under way; there are: %s"
              .formatted(id, swaps.isEmpty() ? "none" : String.join(", ", swaps.keySet())));
    }
    if (swap.busy) {
      throw new EngineException(
          EngineException.Kind.TAKEN, "swap '" + id + "' is just taking a step; try again");
    }
    return swap;
  }

  private static Countdown step(Swap swap, Runnable then) {
    swap.busy = true;
    return new Countdown(
        () -> {
          swap.busy = false;
          then.run();
        });
  }

  /** Runs something when so many things are done, itself counted. The control thread. */
  private static final class Countdown {
    private final Runnable then;
    private int left = 1;

    Countdown(Runnable then) {
      this.then = then;
    }

    void more() {
      left++;
    }

    void one() {
      if (--left == 0) {
        then.run();
      }
    }
  }
}
