package dev.outboard.linux;

import static dev.outboard.linux.Native.INT;
import static dev.outboard.linux.Native.LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Makes an io_uring and maps its memory: the cold half of {@link IoUring}, which alone uses it. Any
 * thread.
 */
final class RingMemory {
  static final int COOP_TASKRUN = 1 << 8;
  static final int TASKRUN_FLAG = 1 << 9;
  static final int SINGLE_ISSUER = 1 << 12;
  static final int DEFER_TASKRUN = 1 << 13;
  static final int NO_SQARRAY = 1 << 16;

  /**
   * What is asked for, the best first; an older kernel refuses what it does not know (EINVAL).
   *
   * <ul>
   *   <li>SINGLE_ISSUER and DEFER_TASKRUN (6.1): completions are worked out when the owner asks for
   *       them, many at once, instead of interrupting it for each. With TASKRUN_FLAG the kernel
   *       writes into the ring that there are some, so asking costs nothing when there are none.
   *   <li>NO_SQARRAY (6.6): entries are taken in order, without the array of their indexes.
   *   <li>COOP_TASKRUN (5.19): the next best; work is done at the next system call of any kind.
   * </ul>
   */
  static final int[] MODES = {
    SINGLE_ISSUER | DEFER_TASKRUN | TASKRUN_FLAG | NO_SQARRAY,
    SINGLE_ISSUER | DEFER_TASKRUN | TASKRUN_FLAG,
    COOP_TASKRUN | TASKRUN_FLAG
  };

  private static final int CQSIZE = 1 << 3;
  private static final int CLAMP = 1 << 4;
  private static final int R_DISABLED = 1 << 6;
  private static final int SUBMIT_ALL = 1 << 7;
  private static final int ALWAYS = CQSIZE | CLAMP | R_DISABLED | SUBMIT_ALL;

  /** Features: one mapping for both rings, no lost completions, timeouts, silent success. */
  private static final int NEEDED = 1 | 1 << 1 | 1 << 8 | 1 << 11;

  private static final int FEATURE_NO_IOWAIT = 1 << 17;

  private static final int PARAMETERS_SIZE = 120;
  private static final int COMPLETIONS = 4;
  private static final int FLAGS = 8;
  private static final int FEATURES = 20;
  private static final int SUBMISSION_OFFSETS = 40;
  private static final int COMPLETION_OFFSETS = 80;

  /** Where the kernel says that an offset of a ring's field is, from the ring's offsets on. */
  private static final int HEAD = 0;

  private static final int TAIL = 4;
  private static final int SUBMISSION_FLAGS = 16;
  private static final int SUBMISSION_ARRAY = 24;
  private static final int COMPLETION_ENTRIES = 20;
  private static final int COMPLETION_FLAGS = 24;

  private static final int SUBMISSION_ENTRY = 64;
  private static final int COMPLETION_ENTRY = 16;
  private static final long ENTRIES_MAPPING = 0x1000_0000L;

  private static final long SYS_SETUP = 425;
  private static final long SYS_REGISTER = 427;

  private static final MethodHandle SETUP =
      Native.bindVariadic("syscall", 1, LONG, LONG, LONG, LONG);
  private static final MethodHandle REGISTER =
      Native.bindVariadic("syscall", 1, LONG, LONG, LONG, LONG, LONG, LONG);

  final Arena arena = Arena.ofShared();
  final int fd;
  final int mode;
  final boolean hasNoIoWait;

  /** Indexes, flags and completions. */
  final MemorySegment rings;

  /** Submission entries. */
  final MemorySegment entries;

  final int submissionEntries;
  final int completionEntries;
  final long submissionHead;
  final long submissionTail;
  final long submissionFlags;
  final long completionHead;
  final long completionTail;
  final long completionFlags;
  final long completionArray;

  /** Makes a ring of the best of these modes that the kernel knows. Nobody owns it yet. */
  RingMemory(int submissions, int completions, int... modes) throws LinuxException {
    try (Arena temporary = Arena.ofConfined()) {
      MemorySegment parameters = temporary.allocate(PARAMETERS_SIZE, Long.BYTES);
      int result = -Errno.EINVAL;
      int chosen = 0;
      for (int i = 0; i < modes.length && result == -Errno.EINVAL; i++) {
        chosen = modes[i];
        parameters.fill((byte) 0);
        parameters.set(INT, FLAGS, ALWAYS | chosen);
        parameters.set(INT, COMPLETIONS, completions);
        result = setup(submissions, parameters.address());
      }
      if (result < 0) {
        throw refused(-result);
      }
      fd = result;
      mode = chosen;
      int features = parameters.get(INT, FEATURES);
      hasNoIoWait = (features & FEATURE_NO_IOWAIT) != 0;
      submissionEntries = parameters.get(INT, 0);
      completionEntries = parameters.get(INT, COMPLETIONS);
      submissionHead = parameters.get(INT, SUBMISSION_OFFSETS + HEAD);
      submissionTail = parameters.get(INT, SUBMISSION_OFFSETS + TAIL);
      submissionFlags = parameters.get(INT, SUBMISSION_OFFSETS + SUBMISSION_FLAGS);
      completionHead = parameters.get(INT, COMPLETION_OFFSETS + HEAD);
      completionTail = parameters.get(INT, COMPLETION_OFFSETS + TAIL);
      completionFlags = parameters.get(INT, COMPLETION_OFFSETS + COMPLETION_FLAGS);
      completionArray = parameters.get(INT, COMPLETION_OFFSETS + COMPLETION_ENTRIES);
      try {
        if ((features & NEEDED) != NEEDED) {
          throw refused(Errno.EINVAL);
        }
        rings = mapRings(parameters.get(INT, SUBMISSION_OFFSETS + SUBMISSION_ARRAY));
        entries =
            Mapping.map(fd, ENTRIES_MAPPING, (long) submissionEntries * SUBMISSION_ENTRY, arena);
      } catch (LinuxException e) {
        close();
        throw e;
      }
    }
  }

  private MemorySegment mapRings(long array) throws LinuxException {
    boolean hasArray = (mode & NO_SQARRAY) == 0;
    long size = completionArray + (long) completionEntries * COMPLETION_ENTRY;
    if (hasArray) {
      size = Math.max(size, array + (long) submissionEntries * Integer.BYTES);
    }
    MemorySegment memory = Mapping.map(fd, 0, size, arena);
    for (int i = 0; hasArray && i < submissionEntries; i++) {
      memory.set(INT, array + (long) i * Integer.BYTES, i);
    }
    return memory;
  }

  private static LinuxException refused(int errno) {
    return new LinuxException(IoUringRefusal.of(errno).toString(), errno, null);
  }

  private static int setup(int submissions, long parameters) {
    MemorySegment state = Native.callState();
    try {
      return (int)
          Native.check(
              (long) SETUP.invokeExact(state, SYS_SETUP, (long) submissions, parameters), state);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  /** {@code io_uring_register(2)}: the result or the negated error number. */
  int register(int operation, long argument, int count) {
    MemorySegment state = Native.callState();
    try {
      return (int)
          Native.check(
              (long)
                  REGISTER.invokeExact(
                      state, SYS_REGISTER, (long) fd, (long) operation, argument, (long) count),
              state);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  /** Gives the ring back; what is still under way is cancelled by the kernel, soon. */
  void close() {
    FileDescriptors.close(fd);
    arena.close();
  }
}
