package dev.outboard.testing;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What threads allocate while something runs; for tests that say: nothing. */
public final class Allocation {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Until the compiler has done its work, calls through method handles allocate. */
  private static final int ROUNDS = 10;

  private Allocation() {}

  /** What the threads are made to do. */
  public interface Load {
    /** One round of it. */
    void run() throws Exception;
  }

  /**
   * Runs the load again and again until one whole round has allocated not a byte.
   *
   * @param threads the ids of those that must not allocate
   */
  public static void assertNone(Set<Long> threads, Load load) throws Exception {
    List<Long> rounds = new ArrayList<>();
    while (rounds.size() < ROUNDS) {
      long before = allocated(threads);
      load.run();
      long bytes = allocated(threads) - before;
      rounds.add(bytes);
      if (bytes == 0) {
        System.out.println("bytes allocated by workers, round by round: " + rounds);
        return;
      }
    }
    throw new AssertionError(
        "bytes allocated by workers, round by round: "
            + rounds
            + AllocationTrace.of(threads, load));
  }

  private static long allocated(Set<Long> threads) {
    return threads.stream().mapToLong(THREADS::getThreadAllocatedBytes).sum();
  }
}
