package dev.outboard.engine;

import dev.outboard.engine.worker.Worker;
import java.util.ArrayList;
import java.util.List;

/**
 * Which workers serve a guest, from its attachment to its end, as the isolation policy or a user
 * wants it. The control thread.
 *
 * <p>A guest with several queue pairs may be spread over several workers. A port of its own is used
 * by one worker, and all its frames may have to take it; so while it has one, a single worker
 * serves it, and when it has none any more it is spread as it would have been.
 */
final class Moves {
  private final Placement placement;

  Moves(Placement placement) {
    this.placement = placement;
  }

  /**
   * The first worker of a guest that is being attached; {@link #cancel} or {@link #begin} follow.
   */
  Worker place(GuestSpec spec) throws EngineException {
    return placement.place(spec);
  }

  /** It is not attached after all. */
  void cancel(GuestSpec spec, Worker first) {
    placement.leave(spec, List.of(first), () -> {});
  }

  /**
   * Has a guest served that is complete.
   *
   * @return what the user should know, mostly nothing
   */
  List<String> begin(AttachedGuest guest, Worker first) {
    List<Worker> workers = new ArrayList<>(List.of(first));
    List<String> warnings = new ArrayList<>();
    if (guest.hasPorts()) {
      guest.gathered = true;
    } else {
      try {
        workers.addAll(placement.spread(guest.spec(), first));
      } catch (EngineException e) {
        warnings.add(e.getMessage() + "; one worker serves it");
      }
    }
    guest.control.start(List.copyOf(workers));
    return warnings;
  }

  /**
   * Has the workers serve a guest that a user wants.
   *
   * @param then run when that is so
   */
  void move(AttachedGuest guest, List<Integer> numbers, Runnable then) throws EngineException {
    String who = "guest '" + guest.id() + "'";
    if (guest.control.isMoving()) {
      throw new EngineException(
          EngineException.Kind.TAKEN, who + " is just being moved; try again");
    }
    check(guest, numbers, who);
    List<Worker> from = guest.control.workers();
    if (from.stream().map(Worker::number).toList().equals(numbers)) {
      then.run();
      return;
    }
    List<Worker> to = placement.move(guest.spec(), from, numbers);
    guest.gathered = false;
    change(guest, to, then);
  }

  private static void check(AttachedGuest guest, List<Integer> numbers, String who)
      throws EngineException {
    int pairs = guest.spec().queuePairs();
    if (numbers.isEmpty() || numbers.stream().distinct().count() < numbers.size()) {
      throw new EngineException(
          EngineException.Kind.INVALID, who + ": name one worker or several, each once");
    }
    if (numbers.size() > pairs) {
      throw new EngineException(
          EngineException.Kind.INVALID,
          "%s: %d workers for %d queue pair%s; one worker serves at least one"
              .formatted(who, numbers.size(), pairs, pairs == 1 ? "" : "s"));
    }
    if (numbers.size() > 1 && guest.hasPorts()) {
      throw new EngineException(
          EngineException.Kind.TAKEN,
          who + ": it has a port of its own on an uplink, which one worker serves; name one");
    }
  }

  private void change(AttachedGuest guest, List<Worker> to, Runnable then) {
    List<Worker> left = new ArrayList<>(guest.control.workers());
    left.removeAll(to);
    guest.control.move(to, () -> placement.leave(guest.spec(), left, then));
  }

  /** Has one worker serve a guest, before anything that is asked of its workers after this. */
  void gather(AttachedGuest guest) {
    List<Worker> workers = guest.control.workers();
    if (workers.size() > 1) {
      guest.gathered = true;
      change(guest, List.of(workers.getFirst()), () -> {});
    }
  }

  /** Spreads a guest that has no port any more, unless a user has moved it meanwhile. */
  void spread(AttachedGuest guest) {
    if (!guest.gathered || guest.hasPorts()) {
      return;
    }
    guest.gathered = false;
    Worker first = guest.control.workers().getFirst();
    try {
      List<Worker> workers = new ArrayList<>(List.of(first));
      workers.addAll(placement.spread(guest.spec(), first));
      if (workers.size() > 1) {
        change(guest, List.copyOf(workers), () -> {});
      }
    } catch (EngineException e) {
      guest.control.note(e.getMessage());
    }
  }

  /**
   * A guest is detached and no worker knows it any more.
   *
   * @param then run when those workers have ended that served nobody else
   */
  void end(AttachedGuest guest, Runnable then) {
    placement.leave(guest.spec(), guest.control.workers(), then);
  }
}
