package dev.outboard.engine;

import dev.outboard.engine.control.WorkerPool;
import dev.outboard.engine.worker.Worker;
import dev.outboard.spi.IsolationPolicy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Which guests are on which worker, as the isolation policy wants it. Starts workers for guests
 * that need one, ends them when the last has left. The control thread.
 */
final class Placement {
  private final IsolationPolicy policy;
  private final int limit;
  private final int permanent;
  private final WorkerPool pool;
  private final Map<Integer, List<IsolationPolicy.Guest>> guests = new TreeMap<>();

  /** Starts the permanent workers. */
  Placement(IsolationPolicy policy, int limit, WorkerPool pool) {
    this.policy = policy;
    this.limit = limit;
    this.pool = pool;
    permanent = policy.permanentWorkers(limit);
    for (int number = 0; number < permanent; number++) {
      start(number);
    }
  }

  /** The worker for a new guest; {@link #leave} follows when it goes. */
  Worker place(GuestSpec spec) throws EngineException {
    int wanted =
        ask(() -> policy.place(seen(spec), guests.keySet().stream().map(this::seen).toList()));
    if (wanted == IsolationPolicy.NEW_WORKER) {
      return enter(spec, freeNumber(spec));
    }
    if (!guests.containsKey(wanted)) {
      throw new EngineException(
          EngineException.Kind.FAILED,
          "isolation '%s' chose worker %d, which does not run".formatted(policy.name(), wanted));
    }
    return enter(spec, wanted);
  }

  /** A policy may be a third party's: what it throws is a line for who wants something placed. */
  private <T> T ask(Supplier<T> question) throws EngineException {
    try {
      return question.get();
    } catch (RuntimeException e) {
      throw new EngineException(
          EngineException.Kind.FAILED,
          "isolation '%s': %s".formatted(policy.name(), e.getMessage()),
          e);
    }
  }

  /**
   * The workers that serve a guest beside the one that it is on, if it has several queue pairs;
   * {@link #leave} follows for them, too.
   */
  List<Worker> spread(GuestSpec spec, Worker first) throws EngineException {
    if (spec.queuePairs() == 1) {
      return List.of();
    }
    int number = first.number();
    List<IsolationPolicy.Worker> running = guests.keySet().stream().map(this::seen).toList();
    List<Integer> others =
        ask(() -> List.copyOf(policy.spread(seen(spec), spec.queuePairs(), number, running)));
    boolean good =
        others.size() < spec.queuePairs()
            && guests.keySet().containsAll(others)
            && !others.contains(number)
            && Set.copyOf(others).size() == others.size();
    if (!good) {
      throw new EngineException(
          EngineException.Kind.FAILED,
          "isolation '%s' spread guest '%s', which is on worker %d and has %d queue pairs, over %s"
              .formatted(policy.name(), spec.id(), number, spec.queuePairs(), others));
    }
    return enter(spec, others);
  }

  private int freeNumber(GuestSpec spec) throws EngineException {
    int number = pool.freeNumber();
    if (number >= limit) {
      throw new EngineException(
          EngineException.Kind.TAKEN,
          "guest '%s': isolation '%s' wants one more worker for it, but all %d are in use;"
                  .formatted(spec.id(), policy.name(), limit)
              + " raise workers or detach another guest");
    }
    return number;
  }

  /**
   * The workers that a user wants a guest to move to; {@link #leave} follows for those of the old
   * ones that are not among them.
   *
   * @param from who serves it now
   * @param numbers each once
   */
  List<Worker> move(GuestSpec spec, List<Worker> from, List<Integer> numbers)
      throws EngineException {
    List<Integer> old = from.stream().map(Worker::number).toList();
    List<Integer> fresh = numbers.stream().filter(number -> !old.contains(number)).toList();
    for (int number : fresh) {
      check(spec, number);
    }
    List<Worker> entered = enter(spec, fresh);
    return numbers.stream()
        .map(n -> fresh.contains(n) ? entered.get(fresh.indexOf(n)) : from.get(old.indexOf(n)))
        .toList();
  }

  private void check(GuestSpec spec, int number) throws EngineException {
    String who = "guest '" + spec.id() + "': worker " + number;
    if (number < 0 || number >= limit) {
      throw new EngineException(
          EngineException.Kind.INVALID, who + " is not between 0 and " + (limit - 1));
    }
    if (!ask(() -> policy.mayMove(seen(spec), seen(number)))) {
      throw new EngineException(
          EngineException.Kind.TAKEN,
          who + " serves others, which isolation '" + policy.name() + "' does not allow");
    }
  }

  /** Enters all or none. */
  private List<Worker> enter(GuestSpec spec, List<Integer> numbers) throws EngineException {
    List<Worker> entered = new ArrayList<>();
    try {
      for (int number : numbers) {
        entered.add(enter(spec, number));
      }
      return entered;
    } catch (EngineException e) {
      leave(spec, entered, () -> {});
      throw e;
    }
  }

  private Worker enter(GuestSpec spec, int number) throws EngineException {
    Worker worker = pool.at(number);
    if (worker == null) {
      try {
        worker = start(number);
      } catch (IllegalStateException e) {
        throw new EngineException(
            EngineException.Kind.FAILED,
            "guest '%s': worker %d can't start: %s".formatted(spec.id(), number, e.getMessage()),
            e);
      }
    }
    guests.get(number).add(seen(spec));
    return worker;
  }

  private Worker start(int number) {
    Worker worker = pool.start(number);
    guests.put(number, new ArrayList<>());
    return worker;
  }

  /**
   * A guest has left workers, which do not know it any more.
   *
   * @param then run when those have ended that don't stay
   */
  void leave(GuestSpec spec, List<Worker> workers, Runnable then) {
    int[] left = {workers.size() + 1};
    Runnable one =
        () -> {
          if (--left[0] == 0) {
            then.run();
          }
        };
    workers.forEach(worker -> leave(spec, worker, one));
    one.run();
  }

  private void leave(GuestSpec spec, Worker worker, Runnable then) {
    List<IsolationPolicy.Guest> others = guests.get(worker.number());
    others.remove(seen(spec));
    if (others.isEmpty() && worker.number() >= permanent) {
      guests.remove(worker.number());
      pool.end(worker, then);
    } else {
      then.run();
    }
  }

  private static IsolationPolicy.Guest seen(GuestSpec spec) {
    return new IsolationPolicy.Guest(spec.id(), spec.tenant());
  }

  private IsolationPolicy.Worker seen(int number) {
    return new IsolationPolicy.Worker(
        number, Collections.unmodifiableList(guests.getOrDefault(number, List.of())));
  }
}
