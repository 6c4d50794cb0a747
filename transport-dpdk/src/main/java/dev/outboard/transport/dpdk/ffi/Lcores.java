package dev.outboard.transport.dpdk.ffi;

import java.lang.invoke.MethodHandle;

/**
 * Makes threads known to DPDK, which has a number for each ("lcore", 128 at most): with it a thread
 * has caches of its own in pools. A thread that has several ports is registered once.
 */
public final class Lcores {
  private static final int MOST = 128;
  private static final int NOT_OF_EAL = 3;

  private static final MethodHandle REGISTER = Native.bind("rte_thread_register", Native.INT);
  private static final MethodHandle UNREGISTER = Native.bindVoid("rte_thread_unregister");
  private static final MethodHandle ROLE =
      Native.bind("rte_eal_lcore_role", Native.INT, Native.INT);

  /** How many ports of the thread need it. */
  private static final ThreadLocal<int[]> USERS = ThreadLocal.withInitial(() -> new int[1]);

  private Lcores() {}

  /** Registers the calling thread, if it is not. */
  public static void enter() throws DpdkException {
    int[] users = USERS.get();
    if (users[0] == 0) {
      int result;
      try {
        result = (int) REGISTER.invokeExact();
      } catch (Throwable thrown) {
        throw Native.unexpected(thrown);
      }
      if (result != 0) {
        throw new DpdkException(
            "DPDK knows at most %d threads, and has no number left for this worker"
                .formatted(MOST));
      }
    }
    users[0]++;
  }

  /** Undoes one {@link #enter} of the calling thread. */
  public static void leave() {
    int[] users = USERS.get();
    if (users[0] > 0 && --users[0] == 0) {
      USERS.remove();
      try {
        UNREGISTER.invokeExact();
      } catch (Throwable thrown) {
        throw Native.unexpected(thrown);
      }
    }
  }

  /** How many threads are registered now. Any thread. */
  public static int registered() {
    int count = 0;
    try {
      for (int lcore = 0; lcore < MOST; lcore++) {
        count += (int) ROLE.invokeExact(lcore) == NOT_OF_EAL ? 1 : 0;
      }
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
    return count;
  }
}
