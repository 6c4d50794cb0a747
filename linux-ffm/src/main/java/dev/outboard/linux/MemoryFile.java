package dev.outboard.linux;

import static dev.outboard.linux.Native.INT;
import static dev.outboard.linux.Native.LONG;
import static dev.outboard.linux.Native.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Files that live in memory: what a guest's memory is made of, and how a file we were given is
 * checked and sealed before it is mapped. Cold; any thread.
 */
public final class MemoryFile {
  private static final int MFD_CLOEXEC = 1;
  private static final int MFD_ALLOW_SEALING = 2;
  private static final int MFD_HUGETLB = 4;
  private static final int F_ADD_SEALS = 1033;
  private static final int F_GET_SEALS = 1034;
  private static final int F_SEAL_SEAL = 1;
  private static final int F_SEAL_SHRINK = 2;
  private static final long HUGETLBFS_MAGIC = 0x958458f6L;

  private static final MethodHandle MEMFD_CREATE = Native.bind("memfd_create", INT, POINTER, INT);
  private static final MethodHandle FTRUNCATE = Native.bind("ftruncate", INT, INT, LONG);

  private static final int PUNCH_HOLE_KEEP_SIZE = 2 | 1;
  private static final MethodHandle FALLOCATE = Native.bind("fallocate", INT, INT, INT, LONG, LONG);

  private MemoryFile() {}

  /** An anonymous file of this size, zeroed, sealable, close-on-exec; the caller closes it. */
  public static int create(String name, long size) throws LinuxException {
    return create(name, size, 0);
  }

  /** As {@link #create}, of huge pages of the system's default size; EINVAL if not a multiple. */
  public static int createHuge(String name, long size) throws LinuxException {
    return create(name, size, MFD_HUGETLB);
  }

  private static int create(String name, long size, int flags) throws LinuxException {
    int fd = LinuxException.check(memfd(name, flags), "create memory file " + name);
    try {
      resize(fd, size);
    } catch (LinuxException e) {
      FileDescriptors.close(fd);
      throw e;
    }
    return fd;
  }

  private static int memfd(String name, int flags) {
    MemorySegment state = Native.callState();
    try (Arena arena = Arena.ofConfined()) {
      long text = Native.string(arena, name).address();
      return Native.check(
          (int) MEMFD_CREATE.invokeExact(state, text, flags | MFD_CLOEXEC | MFD_ALLOW_SEALING),
          state);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  /** Makes the file larger or, unless it is sealed, smaller. */
  public static void resize(int fd, long size) throws LinuxException {
    MemorySegment state = Native.callState();
    int result;
    try {
      result = Native.check((int) FTRUNCATE.invokeExact(state, fd, size), state);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
    LinuxException.check(result, "resize memory file to " + size + " bytes");
  }

  /** Gives the pages of a range back, as a balloon does; they read as zero afterwards. */
  public static void punchHole(int fd, long offset, long length) throws LinuxException {
    MemorySegment state = Native.callState();
    int result;
    try {
      result =
          Native.check(
              (int) FALLOCATE.invokeExact(state, fd, PUNCH_HOLE_KEEP_SIZE, offset, length), state);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
    LinuxException.check(result, "punch a hole of " + length + " bytes");
  }

  /**
   * When the file was last truncated, had a hole punched or its mode changed, in nanoseconds since
   * the epoch. Stores into its mappings do not count.
   */
  public static long changeTime(int fd) throws LinuxException {
    return Stat.changeTime(fd);
  }

  /** The file's size at this moment, in bytes. */
  public static long size(int fd) throws LinuxException {
    return Stat.size(fd);
  }

  /**
   * Forbids that the file ever shrinks, which would turn our loads into SIGBUS. True if it holds
   * from now on (or held already), false if the file can't be sealed.
   */
  public static boolean sealShrink(int fd) {
    int seals = FileDescriptors.control(fd, F_GET_SEALS, 0);
    if (seals >= 0 && (seals & F_SEAL_SHRINK) != 0) {
      return true;
    }
    return FileDescriptors.control(fd, F_ADD_SEALS, F_SEAL_SHRINK) == 0;
  }

  /** Forbids all further seals: nobody can keep the file from shrinking any more. */
  public static void forbidSeals(int fd) throws LinuxException {
    LinuxException.check(
        FileDescriptors.control(fd, F_ADD_SEALS, F_SEAL_SEAL), "forbid seals of a memory file");
  }

  /**
   * Whether it is a file on tmpfs (memfds are) or hugetlbfs: only those can be asked for seals. No
   * question goes to the file system, which may be one that does not answer.
   */
  public static boolean isMemoryBacked(int fd) {
    return FileDescriptors.control(fd, F_GET_SEALS, 0) >= 0;
  }

  /** Whether the file is made of huge pages. */
  public static boolean isHuge(int fd) {
    return Stat.fileSystem(fd) == HUGETLBFS_MAGIC;
  }

  /** The size of the file's pages: mappings must begin and end on multiples of it. */
  public static long pageSize(int fd) throws LinuxException {
    return isHuge(fd) ? Stat.blockSize(fd) : Mapping.pageSize();
  }
}
