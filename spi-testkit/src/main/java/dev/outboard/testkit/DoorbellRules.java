package dev.outboard.testkit;

import dev.outboard.linux.EventFd;
import dev.outboard.spi.Doorbells;
import dev.outboard.spi.Notifier;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What {@link Doorbells} promise, where a notifier has them. */
interface DoorbellRules {
  /** One less than what makes a write wait. */
  long FULL = -2L;

  int MOST = 1 << 16;

  /** The rule's notifier. */
  Notifier notifier();

  /** An eventfd for this rule. */
  int eventFd() throws IOException;

  /** The tokens that the notifier has told, when there are so many, or patience is over. */
  Set<Integer> found(int wanted);

  /** Those that are told at once. */
  Set<Integer> foundSoon();

  private Doorbells doorbells() {
    Optional<Doorbells> doorbells = notifier().doorbells();
    Undeclared.unless(doorbells.isPresent(), "this notifier has no doorbells");
    return doorbells.orElseThrow();
  }

  /** One edge for each, and no second one. */
  @Rule(id = "doorbell-1", says = "All that were added are rung by the next ring, and once.")
  default void allAreRung() throws IOException {
    Doorbells doorbells = doorbells();
    Set<Integer> all = new TreeSet<>();
    for (int i = 0; i < 40; i++) {
      int fd = eventFd();
      Check.same(true, notifier().watch(fd, i), "watch");
      Check.same(true, doorbells.add(fd, i), "add");
      all.add(i);
    }
    Check.same(0, doorbells.ring(), "refused");
    Check.same(all, found(all.size()), "rung");
    Check.same(0, doorbells.ring(), "refused, with nothing added");
    Check.same(Set.of(), foundSoon(), "rung again");
  }

  /** What a hostile guest does to its own. */
  @Rule(
      id = "doorbell-2",
      says = "One that is full or closed is refused, by its token; the others are rung.")
  default void refused() throws IOException {
    Doorbells doorbells = doorbells();
    int first = eventFd();
    int full = eventFd();
    int last = eventFd();
    long _ = EventFd.add(full, FULL);
    boolean _ = notifier().watch(first, 10);
    boolean _ = notifier().watch(last, 11);
    int[] bells = {first, full, 1_000_000, last};
    for (int i = 0; i < bells.length; i++) {
      Check.same(true, doorbells.add(bells[i], i), "add");
    }
    Set<Integer> refused = new TreeSet<>();
    int count = doorbells.ring();
    for (int i = 0; i < count; i++) {
      refused.add(doorbells.refused(i));
    }
    Check.same(Set.of(1, 2), refused, "refused");
    Check.same(Set.of(10, 11), found(2), "rung");
  }

  /** So that a worker knows when to ring. */
  @Rule(
      id = "doorbell-3",
      says = "More than one call can ring are not taken; after the ring they are.")
  default void onlySoMany() throws IOException {
    Doorbells doorbells = doorbells();
    int fd = eventFd();
    int added = 0;
    while (added < MOST && doorbells.add(fd, added)) {
      added++;
    }
    int taken = added;
    Check.that(taken > 0 && taken < MOST, () -> taken + " were taken");
    Check.same(0, doorbells.ring(), "refused");
    Check.same(true, doorbells.add(fd, 0), "add after the ring");
    Check.same(0, doorbells.ring(), "refused then");
  }
}
