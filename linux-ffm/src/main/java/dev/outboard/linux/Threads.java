package dev.outboard.linux;

import static dev.outboard.linux.Native.INT;
import static dev.outboard.linux.Native.LONG;
import static dev.outboard.linux.Native.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * On which CPUs the calling thread runs, and the end of others. For platform threads only: a
 * virtual thread would pin the carrier that happens to run it. Cold, but {@link #currentCpu}, which
 * is hot.
 */
public final class Threads {
  /** Room for 8,192 CPUs: what the kernel can be built for at most. */
  private static final int MASK_BYTES = 1024;

  private static final int THIS_THREAD = 0;

  private static final MethodHandle SET_AFFINITY =
      Native.bind("sched_setaffinity", INT, INT, LONG, POINTER);
  private static final MethodHandle GET_AFFINITY =
      Native.bind("sched_getaffinity", INT, INT, LONG, POINTER);
  private static final MethodHandle GET_CPU = Native.bind("sched_getcpu", INT);

  private Threads() {}

  /** Binds the calling thread to these CPUs; threads that it starts inherit that. */
  public static void pinCurrentThread(int... cpus) throws LinuxException {
    String operation = "pin the thread to CPUs " + Arrays.toString(cpus);
    MemorySegment state = Native.callState();
    int result;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment mask = arena.allocate(MASK_BYTES, Long.BYTES);
      for (int cpu : cpus) {
        if (cpu < 0 || cpu >= MASK_BYTES * 8) {
          throw new LinuxException(operation, Errno.EINVAL);
        }
        long word = mask.getAtIndex(ValueLayout.JAVA_LONG, cpu / 64);
        mask.setAtIndex(ValueLayout.JAVA_LONG, cpu / 64, word | 1L << (cpu % 64));
      }
      result =
          Native.check(
              (int) SET_AFFINITY.invokeExact(state, THIS_THREAD, (long) MASK_BYTES, mask.address()),
              state);
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
    LinuxException.check(result, operation);
  }

  /** Waits until a thread has ended, also when the caller is interrupted: it stays so. */
  public static void joinUninterruptibly(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** The CPU that runs the calling thread at this moment. */
  public static int currentCpu() {
    try {
      return (int) GET_CPU.invokeExact(Native.callState());
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  /** The CPUs that the calling thread may run on, in ascending order. */
  public static int[] allowedCpus() throws LinuxException {
    MemorySegment state = Native.callState();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment mask = arena.allocate(MASK_BYTES, Long.BYTES);
      int result =
          Native.check(
              (int) GET_AFFINITY.invokeExact(state, THIS_THREAD, (long) MASK_BYTES, mask.address()),
              state);
      LinuxException.check(result, "read the CPUs of the thread");
      long[] words = mask.toArray(ValueLayout.JAVA_LONG);
      return IntStream.range(0, MASK_BYTES * 8)
          .filter(cpu -> (words[cpu / 64] >>> (cpu % 64) & 1) != 0)
          .toArray();
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }
}
