package dev.outboard.linux;

import static dev.outboard.linux.Native.INT;
import static dev.outboard.linux.Native.LONG;
import static dev.outboard.linux.Native.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * How often the kernel has given the calling thread's processor to another thread. Each object is
 * used by one thread, a platform one. Allocates nothing.
 */
public final class ContextSwitches {
  private static final int RUSAGE_THREAD = 1;
  private static final int RUSAGE_BYTES = 144;

  /** When the thread waited, and when it would have gone on: the last two fields. */
  private static final int VOLUNTARY = 128;

  private static final int INVOLUNTARY = 136;

  private static final MethodHandle GETRUSAGE = Native.bindPlain("getrusage", INT, INT, POINTER);

  private final MemorySegment usage = Arena.ofAuto().allocate(RUSAGE_BYTES, Long.BYTES);

  /** How many there were since the thread began. */
  public long count() {
    try {
      // Fails for a bad address only.
      int _ = (int) GETRUSAGE.invokeExact(RUSAGE_THREAD, usage.address());
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
    return usage.get(LONG, VOLUNTARY) + usage.get(LONG, INVOLUNTARY);
  }
}
