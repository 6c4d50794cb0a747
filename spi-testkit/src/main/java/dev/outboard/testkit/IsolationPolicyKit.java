package dev.outboard.testkit;

import dev.outboard.spi.IsolationPolicy;
import dev.outboard.spi.IsolationPolicy.Guest;
import dev.outboard.spi.IsolationPolicy.Worker;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What {@link IsolationPolicy} promises. Authors subclass it and name their policy; what it decides
 * is theirs to test. All calls are made on one thread, as the control thread makes them.
 */
public abstract class IsolationPolicyKit {
  private static final long SEED = 7;
  private static final int HOSTS = 200;
  private static final int MOST_WORKERS = 40;
  private static final int MOST_GUESTS = 5;
  private static final int MOST_PAIRS = 8;
  private static final int FULL = 1024;
  private static final Guest GUEST = new Guest("new", "acme");

  /** The policy to be tried; a new one or the same each time. */
  protected abstract IsolationPolicy policy();

  @Rule(
      id = "policy-1",
      says = "A policy's name can be written in a configuration, and stays the same.")
  public void name() {
    String name = policy().name();
    Check.that(
        name != null && name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,62}"), () -> "'" + name + "'");
    Check.same(name, policy().name(), "the name later");
  }

  @Rule(id = "policy-2", says = "No fewer workers are permanent than 0, no more than the limit.")
  public void permanentWorkers() {
    for (int limit = 1; limit <= FULL; limit++) {
      int most = limit;
      int permanent = policy().permanentWorkers(limit);
      Check.that(
          permanent >= 0 && permanent <= limit,
          () -> "%d permanent workers of %d".formatted(permanent, most));
    }
  }

  @Rule(
      id = "policy-3",
      says =
          "How many workers are permanent depends on the limit alone, whatever was asked before.")
  public void permanentWorkersAgain() {
    IsolationPolicy policy = policy();
    for (int limit : List.of(1, 2, 8, FULL)) {
      int before = policy.permanentWorkers(limit);
      useIt(policy);
      Check.same(before, policy.permanentWorkers(limit), "permanent workers of " + limit);
    }
  }

  @Rule(
      id = "policy-4",
      says = "A guest is placed on a worker that runs, whatever its number, or on a new one.")
  public void place() {
    IsolationPolicy policy = policy();
    for (List<Worker> workers : hosts()) {
      int placed = policy.place(GUEST, workers);
      List<Integer> numbers = workers.stream().map(Worker::number).toList();
      Check.that(
          placed == IsolationPolicy.NEW_WORKER || numbers.contains(placed),
          () -> "worker " + placed + " of " + numbers);
    }
  }

  @Rule(id = "policy-5", says = "A host that is empty or full is no reason to throw.")
  public void placeOnAFullHost() {
    IsolationPolicy policy = policy();
    List<Worker> full = new ArrayList<>();
    for (int number = 0; number < FULL; number++) {
      full.add(worker(number, MOST_GUESTS));
    }
    Check.quietly("place without workers", () -> policy.place(GUEST, List.of()));
    Check.quietly("place among " + FULL, () -> policy.place(GUEST, List.copyOf(full)));
    Check.quietly("spread on a single one", () -> policy.spread(GUEST, 2, 0, full.subList(0, 1)));
    Check.quietly("spread among " + FULL, () -> policy.spread(GUEST, 2, 0, List.copyOf(full)));
    Check.quietly("mayMove to an empty worker", () -> policy.mayMove(GUEST, worker(0, 0)));
    Check.quietly("mayMove to a full one", () -> policy.mayMove(GUEST, worker(0, FULL)));
  }

  @Rule(
      id = "policy-6",
      says = "A policy remembers nothing: to the same question place gives the same answer.")
  public void placeAgain() {
    IsolationPolicy policy = policy();
    for (List<Worker> workers : hosts()) {
      int before = policy.place(GUEST, workers);
      useIt(policy);
      Check.same(before, policy.place(GUEST, workers), "the place among " + workers.size());
    }
  }

  @Rule(
      id = "policy-7",
      says = "A policy remembers nothing: to the same question mayMove gives the same answer.")
  public void mayMoveAgain() {
    IsolationPolicy policy = policy();
    for (int guests = 0; guests <= MOST_GUESTS; guests++) {
      Worker worker = worker(3, guests);
      boolean before = policy.mayMove(GUEST, worker);
      useIt(policy);
      Check.same(before, policy.mayMove(GUEST, worker), "a move to one with " + guests);
    }
  }

  @Rule(id = "policy-8", says = "Its arguments are read only: a policy leaves them as they are.")
  public void argumentsAreLeftAlone() {
    IsolationPolicy policy = policy();
    for (List<Worker> workers : hosts()) {
      List<Worker> given = new ArrayList<>();
      workers.forEach(w -> given.add(new Worker(w.number(), new ArrayList<>(w.guests()))));
      int _ = policy.place(GUEST, given);
      for (Worker worker : List.copyOf(given)) {
        boolean _ = policy.mayMove(GUEST, worker);
      }
      Check.same(workers, given, "the workers afterwards");
    }
  }

  @Rule(
      id = "policy-9",
      says = "A guest may move to where it would be placed; a new worker is one without guests.")
  public void mayMoveToItsPlace() {
    IsolationPolicy policy = policy();
    for (List<Worker> workers : hosts()) {
      int placed = policy.place(GUEST, workers);
      Worker there =
          workers.stream().filter(w -> w.number() == placed).findFirst().orElse(worker(FULL, 0));
      Check.that(
          policy.mayMove(GUEST, there),
          () -> "placed on %d, but no move to it: %s".formatted(placed, there));
    }
  }

  @Rule(
      id = "policy-10",
      says =
          "A guest is spread over other workers that run, each once, and no more than it has queue"
              + " pairs for.")
  public void spread() {
    IsolationPolicy policy = policy();
    for (List<Worker> workers : hosts()) {
      for (Worker first : workers) {
        for (int pairs = 2; pairs <= MOST_PAIRS; pairs *= 2) {
          checkSpread(policy, workers, first.number(), pairs);
        }
      }
    }
  }

  private static void checkSpread(
      IsolationPolicy policy, List<Worker> workers, int first, int pairs) {
    List<Integer> others = policy.spread(GUEST, pairs, first, workers);
    Set<Integer> numbers = workers.stream().map(Worker::number).collect(Collectors.toSet());
    numbers.remove(first);
    Check.that(
        others.size() < pairs
            && numbers.containsAll(others)
            && Set.copyOf(others).size() == others.size(),
        () -> "%d queue pairs, first on %d: %s of %s".formatted(pairs, first, others, numbers));
  }

  @Rule(
      id = "policy-11",
      says =
          "A policy remembers nothing and leaves its arguments alone when it spreads a guest; the"
              + " guest may move to each of those workers.")
  public void spreadAgain() {
    IsolationPolicy policy = policy();
    for (List<Worker> workers : hosts()) {
      if (workers.isEmpty()) {
        continue;
      }
      int first = workers.getFirst().number();
      List<Integer> before = policy.spread(GUEST, MOST_PAIRS, first, new ArrayList<>(workers));
      useIt(policy);
      List<Worker> given = new ArrayList<>(workers);
      Check.same(before, policy.spread(GUEST, MOST_PAIRS, first, given), "the spread");
      Check.same(workers, given, "the workers afterwards");
      for (Worker worker : workers) {
        Check.that(
            !before.contains(worker.number()) || policy.mayMove(GUEST, worker),
            () -> "spread over %d, but no move to it".formatted(worker.number()));
      }
    }
  }

  /** Asks it other things than those that are compared. */
  private static void useIt(IsolationPolicy policy) {
    Guest other = new Guest("other", "rival");
    int _ = policy.permanentWorkers(3);
    int _ = policy.place(other, List.of(worker(0, 2), worker(1, 1)));
    List<Integer> _ = policy.spread(other, 2, 0, List.of(worker(0, 2), worker(1, 1)));
    boolean _ = policy.mayMove(other, worker(1, 1));
  }

  /** Hosts as they may be: with gaps between the numbers, crowded and empty workers. */
  private static List<List<Worker>> hosts() {
    Random random = new Random(SEED);
    List<List<Worker>> hosts = new ArrayList<>();
    hosts.add(List.of());
    while (hosts.size() < HOSTS) {
      List<Worker> workers = new ArrayList<>();
      int number = random.nextInt(3);
      for (int left = random.nextInt(MOST_WORKERS); left > 0; left--) {
        workers.add(worker(number, random.nextInt(MOST_GUESTS)));
        number += 1 + random.nextInt(3);
      }
      hosts.add(List.copyOf(workers));
    }
    return hosts;
  }

  private static Worker worker(int number, int guests) {
    List<Guest> served = new ArrayList<>();
    for (int guest = 0; guest < guests; guest++) {
      served.add(new Guest(number + "-" + guest, guest % 2 == 0 ? "acme" : "rival"));
    }
    return new Worker(number, List.copyOf(served));
  }
}
