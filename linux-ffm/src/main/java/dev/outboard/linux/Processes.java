package dev.outboard.linux;

import static dev.outboard.linux.Native.INT;
import static dev.outboard.linux.Native.LONG;
import static dev.outboard.linux.Native.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** What holds for this process as a whole: its death, its limits, its rights. Cold; any thread. */
public final class Processes {
  private static final int PR_SET_PDEATHSIG = 1;
  private static final int SIGKILL = 9;
  private static final int RLIMIT_NOFILE = 7;

  /** The kernel's own upper bound, unless fs.nr_open was changed. */
  private static final long MANY_FILES = 1 << 20;

  private static final MethodHandle PRCTL =
      Native.bindVariadic("prctl", 1, INT, INT, LONG, LONG, LONG, LONG);
  private static final MethodHandle GETRLIMIT = Native.bind("getrlimit", INT, INT, POINTER);
  private static final MethodHandle SETRLIMIT = Native.bind("setrlimit", INT, INT, POINTER);
  private static final MethodHandle KILL = Native.bind("kill", INT, INT, INT);
  private static final MethodHandle GETEUID = Native.bind("geteuid", INT);

  private Processes() {}

  /**
   * Has the kernel kill this process when its parent dies. Three traps: "parent" is the
   * <em>thread</em> that started this process, so a parent in Java starts it from a thread that
   * lives as long as it means to; the wish belongs to the calling thread, so call it from one that
   * stays (main); and a parent that is dead already is not noticed, so compare its pid afterwards.
   */
  public static void dieWithParent() throws LinuxException {
    MemorySegment state = Native.callState();
    int result;
    try {
      result =
          Native.check(
              (int) PRCTL.invokeExact(state, PR_SET_PDEATHSIG, (long) SIGKILL, 0L, 0L, 0L), state);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
    LinuxException.check(result, "ask to die with the parent process");
  }

  /** Whether there is a process of this number, dead but not yet waited for included. */
  public static boolean exists(int pid) {
    MemorySegment state = Native.callState();
    try {
      // Signal 0 asks only; EPERM says that it is there and not ours.
      int result = Native.check((int) KILL.invokeExact(state, pid, 0), state);
      return pid > 0 && result != -Errno.ESRCH;
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  /** The effective user is root. */
  public static boolean isRoot() {
    try {
      return (int) GETEUID.invokeExact(Native.callState()) == 0;
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  /** How many descriptors this process may have open. */
  public static long openFileLimit() throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      return readLimit(arena).get(LONG, 0);
    }
  }

  /**
   * Raises that limit as far as this process may: to 1,048,576 with the right to do so, else to the
   * hard limit. Returns the limit from now on.
   */
  public static long raiseOpenFileLimit() throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment limit = readLimit(arena);
      long soft = limit.get(LONG, 0);
      long hard = limit.get(LONG, Long.BYTES);
      // RLIM_INFINITY is the largest unsigned number.
      if (Long.compareUnsigned(hard, MANY_FILES) < 0 && set(limit, MANY_FILES, MANY_FILES)) {
        return MANY_FILES;
      }
      if (Long.compareUnsigned(soft, hard) < 0 && set(limit, hard, hard)) {
        return hard;
      }
      return soft;
    }
  }

  private static MemorySegment readLimit(Arena arena) throws LinuxException {
    MemorySegment limit = arena.allocate(2L * Long.BYTES, Long.BYTES);
    MemorySegment state = Native.callState();
    int result;
    try {
      result =
          Native.check((int) GETRLIMIT.invokeExact(state, RLIMIT_NOFILE, limit.address()), state);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
    LinuxException.check(result, "read the limit of open files");
    return limit;
  }

  private static boolean set(MemorySegment limit, long soft, long hard) {
    limit.set(LONG, 0, soft);
    limit.set(LONG, Long.BYTES, hard);
    try {
      return (int) SETRLIMIT.invokeExact(Native.callState(), RLIMIT_NOFILE, limit.address()) == 0;
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  /** Moves the calling thread to a new network; see {@link Namespaces#unshareNetwork}. */
  public static void unshareNetwork() throws LinuxException {
    Namespaces.unshareNetwork();
  }

  /** Moves the calling thread to another network; see {@link Namespaces#joinNetwork}. */
  public static void joinNetwork(Path namespace) throws LinuxException {
    Namespaces.joinNetwork(namespace);
  }
}
